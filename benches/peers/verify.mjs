// Verifies tokens from stdin like `padlock verify`, with jose.
// Arguments: JWKS file, issuer, audience.
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'

const { createLocalJWKSet, jwtVerify } = await import(process.env.JOSE ?? 'jose')
const [jwksFile, issuer, audience] = process.argv.slice(2)
const keys = createLocalJWKSet(JSON.parse(await readFile(jwksFile, 'utf8')))
const options = {
  algorithms: ['RS256'], issuer, audience, clockTolerance: 60, requiredClaims: ['exp', 'iss', 'aud']
}

async function verdict(token, line) {
  try {
    return { line, valid: true, claims: (await jwtVerify(token, keys, options)).payload }
  } catch (error) {
    process.exitCode = 8
    return { line, valid: false, reasons: [error.message] }
  }
}

// In batches, because jose verifies signatures on a thread pool.
let [line, batch] = [0, []]
const write = async () => {
  const verdicts = await Promise.all(batch)
  process.stdout.write(verdicts.map((verdict) => JSON.stringify(verdict) + '\n').join(''))
  batch = []
}
for await (const token of createInterface({ input: process.stdin })) {
  batch.push(verdict(token, ++line))
  if (batch.length === 256) await write()
}
await write()
