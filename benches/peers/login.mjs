// A login with Node's fetch and jose: the token and JWKS requests in parallel, verification,
// three claims.
import { createLocalJWKSet, jwtVerify } from "jose";

const env = process.env;
const domain = env.AUTH0_DOMAIN.replace(/\/$/, "");
const json = async (response) => {
  if (!response.ok) throw new Error(`status ${response.status}`);
  return response.json();
};
const [tokens, keys] = await Promise.all([
  fetch(`${domain}/oauth/token`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      grant_type: "password",
      username: env.PADLOCK_EMAIL,
      password: env.PADLOCK_PASSWORD,
      scope: "openid profile email",
      client_id: env.AUTH0_CLIENT_ID,
      client_secret: env.AUTH0_CLIENT_SECRET,
    }),
  }).then(json),
  fetch(`${domain}/.well-known/jwks.json`).then(json),
]);
const { payload } = await jwtVerify(tokens.id_token, createLocalJWKSet(keys), {
  algorithms: ["RS256"],
  issuer: `${domain}/`,
  audience: env.AUTH0_CLIENT_ID,
  clockTolerance: 60,
  requiredClaims: ["sub", "exp", "iat"],
});
console.log(payload.email, payload.nickname, payload.sub);
// Idle keep-alive connections would keep the process running.
process.exit(0);
