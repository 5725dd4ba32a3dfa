// Verifies the tokens on standard input as `padlock verify` does, with jose: keys file, issuer, audience.
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'

const { createLocalJWKSet, jwtVerify } = await import(process.env.JOSE ?? 'jose')
const [keysFile, issuer, audience] = process.argv.slice(2)
const keys = createLocalJWKSet(JSON.parse(await readFile(keysFile, 'utf8')))
const rules = { algorithms: ['RS256'], issuer, audience, clockTolerance: 60, requiredClaims: ['exp', 'iss', 'aud'] }

async function verdict(token, line) {
  try {
    return { line, valid: true, claims: (await jwtVerify(token, keys, rules)).payload }
  } catch (error) {
    process.exitCode = 8
    return { line, valid: false, reasons: [error.message] }
  }
}

// A window of tokens at a time: jose hands signatures to a pool of threads.
let [line, window] = [0, []]
const write = async () => {
  process.stdout.write((await Promise.all(window)).map((verdict) => JSON.stringify(verdict) + '\n').join(''))
  window = []
}
for await (const token of createInterface({ input: process.stdin })) {
  window.push(verdict(token, ++line))
  if (window.length === 256) await write()
}
await write()
