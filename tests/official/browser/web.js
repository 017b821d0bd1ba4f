// A page without a framework, with `@descope/web-js-sdk`. Shows who is signed in.

import { options, takeToken } from './page.js';
import createSdk from '@descope/web-js-sdk';

const sdk = createSdk(options);
const state = document.getElementById('app');
let isAuthenticated = false;
let user = null;

function show() {
  state.textContent = isAuthenticated && user ? `Signed in as ${user.name}` : 'Signed out';
}

sdk.onIsAuthenticatedChange((value) => {
  isAuthenticated = value;
  show();
});
sdk.onUserChange((value) => {
  user = value;
  show();
});
sdk.onClaimsChange((value) => {
  window.claims = value;
});

const token = takeToken();
if (token) {
  await sdk.magicLink.verify(token);
} else {
  // A reload: the package gets the session again, if there is one.
  await sdk.refresh(undefined, true);
  if (isAuthenticated) {
    user = (await sdk.me()).data;
  }
}
show();
window.sdk = sdk;
