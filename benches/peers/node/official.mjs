// The official Node SDK.

import descope from '@descope/node-sdk';

import { check, main } from './harness.mjs';

const { BENCH_URL: baseUrl, BENCH_PROJECT: projectId, BENCH_TOKEN: token } = process.env;
const { BENCH_LOGIN_ID: loginId, BENCH_REDIRECT_URL: redirectUrl } = process.env;
const { BENCH_MASKED_PHONE: maskedPhone, BENCH_USER: user } = process.env;

const sdk = descope({ projectId, baseUrl });

await main({
  async signin() {
    const response = await sdk.magicLink.signIn.sms(loginId, redirectUrl);
    check(response.data?.maskedPhone, maskedPhone);
  },
  async validate() {
    check((await sdk.validateSession(token)).token.sub, user);
  },
});
