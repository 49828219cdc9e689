// A certified OpenID Connect provider for the browser tests:
//   node oidc-provider.mjs PORT RETURN_ADDRESS ACCOUNTS.json
// ACCOUNTS.json says {login: {name, groups}} and is read anew at each sign-in; any password will do.

import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import Provider from 'oidc-provider'

const [port, returnTo, accounts] = process.argv.slice(2)
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })

const provider = new Provider(`http://localhost:${port}`, {
  clients: [
    {
      client_id: 'virtaamo',
      client_secret: 'a secret of the tests',
      redirect_uris: [returnTo],
      response_types: ['code'],
      grant_types: ['authorization_code'],
    },
  ],
  claims: { openid: ['sub'], profile: ['name', 'groups'] },
  conformIdTokenClaims: false,
  cookies: { keys: ['of the tests'] },
  features: { devInteractions: { enabled: true } },
  findAccount: (_, login) => {
    const known = JSON.parse(readFileSync(accounts, 'utf8'))[login]
    return known && { accountId: login, claims: () => ({ sub: login, ...known }) }
  },
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256' }] },
  pkce: { required: () => true },
})

provider.listen(Number(port), 'localhost', () => console.log('listening'))
