// A page in React, with the provider and the hooks of `@descope/react-sdk`. Shows who is signed in.

import { options, takeToken } from './page.js';
import { AuthProvider, useDescope, useSession, useUser } from '@descope/react-sdk';
import { useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';

const token = takeToken();

function App() {
  const sdk = useDescope();
  const { isAuthenticated, isSessionLoading, claims } = useSession();
  const { user, isUserLoading } = useUser();

  const [isVerifying, setIsVerifying] = useState(Boolean(token));

  useEffect(() => {
    if (token) {
      sdk.magicLink.verify(token).then(() => setIsVerifying(false));
    }
  }, [sdk]);
  useEffect(() => {
    window.claims = claims;
  }, [claims]);

  if (isSessionLoading || isUserLoading || isVerifying) {
    return 'Loading';
  }
  window.sdk = sdk;
  return isAuthenticated && user ? `Signed in as ${user.name}` : 'Signed out';
}

createRoot(document.getElementById('app')).render(
  <AuthProvider {...options}>
    <App />
  </AuthProvider>,
);
