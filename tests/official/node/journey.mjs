// The journey with the official Node package. Prints the result of each step as one JSON document.

import descope from '@descope/node-sdk';

const { DESCOPE_BASE_URL: baseUrl, DESCOPE_PROJECT_ID: projectId } = process.env;
const managementKey = process.env.DESCOPE_MANAGEMENT_KEY;
const URI = 'https://app.example.com/verify';
const PHONE = '+14155550101';
const EMAIL = 'ada@example.com';
const WHATSAPP = '+14155550103';
const EDITOR = '+14155550110';
const MEMBER = '+14155550111';
const TESTER = '+14155550112';

const sdk = descope({ projectId, baseUrl, managementKey });
const report = {};

/** The data of a response. An error response is thrown. */
async function data(call) {
  const response = await call;
  if (!response.ok) {
    const { errorCode, errorDescription } = response.error;
    throw Object.assign(new Error(errorDescription), { code: errorCode });
  }
  return response.data;
}

/** The error of a call that should fail; null if it succeeds. */
async function errorOf(attempt) {
  try {
    await attempt();
    return null;
  } catch (error) {
    return { code: error.code ?? '', text: error.message };
  }
}

/** The token of the newest message to an address. */
async function token(to) {
  const found = await fetch(`${baseUrl}/_emulator/messages?to=${encodeURIComponent(to)}&wait=5s`);
  return (await found.json()).messages[0].token;
}

function userDetails(user) {
  const { userId, loginIds, email, phone, verifiedEmail, verifiedPhone } = user;
  return { userId, loginIds, email, phone, verifiedEmail, verifiedPhone };
}

/** Verifies a link and validates its session. */
async function login(link) {
  const tokens = await data(sdk.magicLink.verify(link));
  const session = await sdk.validateSession(tokens.sessionJwt);
  const seen = { user: userDetails(tokens.user), firstSeen: tokens.firstSeen, claims: session.token };
  return { tokens, session, seen };
}

async function signUps() {
  const user = { name: 'Ada', phone: PHONE };
  const sms = await data(sdk.magicLink.signUp.sms(PHONE, URI, user));
  const link = await token(PHONE);
  const first = await login(link);
  report.signUpSms = { masked: sms.maskedPhone, ...first.seen };
  const email = await data(sdk.magicLink.signUp.email(EMAIL, URI, { email: EMAIL }));
  report.signUpEmail = { masked: email.maskedEmail, ...(await login(await token(EMAIL))).seen };
  const chat = await data(sdk.magicLink.signUp.whatsapp(WHATSAPP, URI, { phone: WHATSAPP }));
  const reached = await login(await token(WHATSAPP));
  report.signUpWhatsapp = { masked: chat.maskedPhone, ...reached.seen };

  report.reusedLink = await errorOf(() => data(sdk.magicLink.verify(link)));
  const [head, body, signature] = first.tokens.sessionJwt.split('.');
  const other = (signature.startsWith('A') ? 'B' : 'A') + signature.slice(1);
  report.tamperedSession = await errorOf(() => sdk.validateSession([head, body, other].join('.')));
  report.signUpAgain = await errorOf(() => data(sdk.magicLink.signUp.sms(PHONE, URI, user)));
  report.unknownUser = await errorOf(() => data(sdk.magicLink.signIn.sms('+14155550199', URI)));
}

async function signIns() {
  const options = { customClaims: { tier: 'gold' } };
  const sms = await data(sdk.magicLink.signIn.sms(PHONE, URI, options));
  report.signInSms = { masked: sms.maskedPhone, ...(await login(await token(PHONE))).seen };
  const email = await data(sdk.magicLink.signIn.email(EMAIL, URI));
  report.signInEmail = { masked: email.maskedEmail, ...(await login(await token(EMAIL))).seen };
  const chat = await data(sdk.magicLink.signIn.whatsapp(WHATSAPP, URI));
  const reached = await login(await token(WHATSAPP));
  report.signInWhatsapp = { masked: chat.maskedPhone, ...reached.seen };

  for (const step of ['signUpOrInNew', 'signUpOrInAgain']) {
    const { maskedEmail: masked } = await data(sdk.magicLink.signUpOrIn.email('bo@example.com', URI));
    report[step] = { masked, ...(await login(await token('bo@example.com'))).seen };
  }
}

async function sessions() {
  await data(sdk.magicLink.signIn.sms(PHONE, URI));
  const one = await login(await token(PHONE));
  report.refresh = (await sdk.refreshSession(one.tokens.refreshJwt)).token;
  report.me = userDetails(await data(sdk.me(one.tokens.refreshJwt)));
  report.history = await data(sdk.history(one.tokens.refreshJwt));

  await data(sdk.logout(one.tokens.refreshJwt));
  // Unlike `refreshSession`, this call returns the code of an error.
  const renew = (refreshJwt) => data(sdk.refresh(refreshJwt));
  report.logout = await errorOf(() => renew(one.tokens.refreshJwt));

  const both = [];
  for (const _ of ['first', 'second']) {
    await data(sdk.magicLink.signIn.sms(PHONE, URI));
    both.push((await login(await token(PHONE))).tokens.refreshJwt);
  }
  report.beforeLogoutAll = await errorOf(() => renew(both[0]));
  await data(sdk.logoutAll(both[1]));
  report.logoutAll = [];
  for (const refresh of both) {
    report.logoutAll.push(await errorOf(() => renew(refresh)));
  }
}

async function updates() {
  await data(sdk.magicLink.signIn.sms(PHONE, URI));
  const { refreshJwt } = (await login(await token(PHONE))).tokens;
  const me = async () => userDetails(await data(sdk.me(refreshJwt)));
  const steps = {
    updateEmail: ['ada.new@example.com', () =>
      sdk.magicLink.update.email(PHONE, 'ada.new@example.com', URI, refreshJwt)],
    updatePhone: ['+14155550104', () =>
      sdk.magicLink.update.phone.sms(PHONE, '+14155550104', URI, refreshJwt)],
  };
  for (const [step, [address, update]] of Object.entries(steps)) {
    const answer = await data(update());
    const before = await me();
    await login(await token(address));
    const masked = answer.maskedEmail ?? answer.maskedPhone;
    report[step] = { masked, before, after: await me() };
  }
}

async function rights() {
  await data(sdk.magicLink.signIn.sms(EDITOR, URI));
  const { session: editor } = await login(await token(EDITOR));
  report.rights = {
    hasRole: sdk.validateRoles(editor, ['editor']),
    hasRoles: sdk.validateRoles(editor, ['editor', 'owner']),
    matchedRoles: sdk.getMatchedRoles(editor, ['editor', 'owner']),
    hasPermission: sdk.validatePermissions(editor, ['edit']),
    hasPermissions: sdk.validatePermissions(editor, ['edit', 'delete']),
    matchedPermissions: sdk.getMatchedPermissions(editor, ['edit', 'delete']),
  };
  await data(sdk.magicLink.signIn.sms(MEMBER, URI));
  const { tokens, session: member } = await login(await token(MEMBER));
  report.tenantRights = {
    hasRole: sdk.validateTenantRoles(member, 'T1', ['viewer']),
    hasRoles: sdk.validateTenantRoles(member, 'T1', ['viewer', 'owner']),
    matchedRoles: sdk.getMatchedTenantRoles(member, 'T1', ['viewer', 'owner']),
    hasPermission: sdk.validateTenantPermissions(member, 'T1', ['read']),
    hasPermissions: sdk.validateTenantPermissions(member, 'T1', ['read', 'delete']),
    matchedPermissions: sdk.getMatchedTenantPermissions(member, 'T1', ['read', 'delete']),
  };
  report.elsewhere = [
    sdk.validateTenantRoles(member, 'T2', ['viewer']),
    sdk.validateTenantPermissions(member, 'T2', ['read']),
  ];
  const selected = await data(sdk.selectTenant('T1', tokens.refreshJwt));
  report.selectTenant = (await sdk.validateSession(selected.sessionJwt)).token;
}

async function testUsers() {
  const users = sdk.management.user;
  const options = { phone: TESTER, verifiedPhone: true, roles: ['tester'] };
  const made = await data(users.createTestUser('tester', options));
  const generate = () => data(users.generateMagicLinkForTestUser('sms', 'tester', URI));
  const { link } = await generate();
  const { seen } = await login(new URL(link).searchParams.get('t'));
  report.testUser = { made: userDetails(made), host: new URL(link).host, ...seen };
  await data(users.deleteAllTestUsers());
  report.deletedTestUser = await errorOf(generate);
}

for (const part of [signUps, signIns, sessions, updates, rights, testUsers]) {
  try {
    await part();
  } catch (error) {
    report[`failed: ${part.name}`] = error.message;
  }
}
console.log(JSON.stringify(report));
