// The usual middleware: a server that verifies a bearer token with jsonwebtoken, or jose.
// node guard.mjs LIBRARY FOLDER ISSUER AUDIENCE PORT; LIBRARY is the package's folder.
import { createPublicKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";

const [library, folder, issuer, audience, port] = process.argv.slice(2);
const jwk = JSON.parse(readFileSync(`${folder}/jwks.json`)).keys[0];
const jwt = createRequire(import.meta.url)(library);
let verify;
if (library.endsWith("jose")) {
  const keys = jwt.createLocalJWKSet({ keys: [jwk] });
  verify = (token) => jwt.jwtVerify(token, keys, { issuer, audience, algorithms: ["RS256"] });
} else {
  const key = createPublicKey({ key: jwk, format: "jwk" });
  verify = (token) => jwt.verify(token, key, { issuer, audience, algorithms: ["RS256"] });
}
createServer(async (request, response) => {
  const [scheme, token] = (request.headers.authorization ?? "").split(" ");
  try {
    if (scheme !== "Bearer") throw new Error("no token");
    await verify(token);
    response.statusCode = 200;
  } catch {
    response.statusCode = 401;
  }
  response.setHeader("Cache-Control", "no-store");
  response.end();
}).listen(Number(port), "127.0.0.1");
