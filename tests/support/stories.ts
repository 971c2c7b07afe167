import { TestClient, type TestClientOptions } from './client.ts';
import type { TestApp } from './make-test-app.ts';

let people = 0;

function nextPerson(): number {
  people += 1;
  return people;
}

export const goodPassword = 'correct horse battery staple';

let addresses = 0;

/** An address that no other request came from, for an app that trusts the proxy on loopback: `TRUST_PROXY: 'loopback'`. */
export function anotherNetwork(): { readonly 'x-forwarded-for': string } {
  addresses += 1;
  return { 'x-forwarded-for': `10.${(addresses >> 16) & 255}.${(addresses >> 8) & 255}.${addresses & 255}` };
}

export interface Person {
  readonly email: string;
  readonly password: string;
  readonly userId: string;
}

export const documents = {
  register:
    'mutation($input: RegisterInput!) { register(input: $input) { __typename ... on AppError { code message } ... on PasswordRejectedError { reasons minLength } ... on InvalidInputError { fields { path message } } ... on RateLimitedError { retryAfterSeconds } } }',
  verifyEmail:
    'mutation($input: VerifyEmailInput!) { verifyEmail(input: $input) { __typename ... on VerifyEmailSuccess { user { id email } } ... on AppError { code } } }',
  login:
    'mutation($input: LoginInput!) { login(input: $input) { __typename ... on LoginSuccess { tokens { accessToken refreshToken accessTokenExpiresAt refreshTokenExpiresAt } viewer { user { id email } session { id } } } ... on LoginChallenge { kind } ... on AppError { code message } ... on RateLimitedError { retryAfterSeconds } } }',
  updateSessionPolicy:
    'mutation($input: UpdateSessionPolicyInput!) { updateSessionPolicy(input: $input) { __typename ... on UpdateSessionPolicySuccess { sessionPolicy { idleTimeoutSeconds absoluteTimeoutSeconds sessionLimit limitAction deviceTrustSeconds } } ... on InvalidInputError { fields { path message } } ... on AppError { code } } }',
  devices:
    '{ viewer { devices(first: 50) { edges { node { id name family isCurrent trustedUntil firstUsedAt lastUsedAt place { country city } sessions { id } } } } } }',
  renameDevice:
    'mutation($input: RenameDeviceInput!) { renameDevice(input: $input) { __typename ... on RenameDeviceSuccess { device { id name } } ... on InvalidInputError { fields { path message } } ... on AppError { code } } }',
  revokeDevice:
    'mutation($input: RevokeDeviceInput!) { revokeDevice(input: $input) { __typename ... on RevokeDeviceSuccess { revokedSessionCount device { id } } ... on AppError { code } } }',
  trustDevice:
    'mutation($input: TrustDeviceInput!) { trustDevice(input: $input) { __typename ... on TrustDeviceSuccess { device { id trustedUntil } } ... on InvalidInputError { fields { path message } } ... on AppError { code } } }',
  reportUnknownDevice:
    'mutation($input: ReportUnknownDeviceInput!) { reportUnknownDevice(input: $input) { __typename ... on ReportUnknownDeviceSuccess { revokedSessionCount } ... on AppError { code } } }',
  refreshSession:
    'mutation($input: RefreshSessionInput!) { refreshSession(input: $input) { __typename ... on RefreshSessionSuccess { tokens { accessToken refreshToken } session { id } } ... on AppError { code } } }',
  viewer: '{ viewer { user { id email displayName } session { id isCurrent } } }',
  sessions: '{ viewer { sessions(first: 50) { edges { node { id isCurrent } } } } }',
  logout: 'mutation { logout { __typename ... on LogoutSuccess { sessionId } ... on AppError { code } } }',
  revokeSession:
    'mutation($input: RevokeSessionInput!) { revokeSession(input: $input) { __typename ... on RevokeSessionSuccess { session { id revokedAt } } ... on AppError { code } } }',
  revokeOtherSessions:
    'mutation { revokeOtherSessions { __typename ... on RevokeOtherSessionsSuccess { revokedCount } ... on AppError { code } } }',
  changePassword:
    'mutation($input: ChangePasswordInput!) { changePassword(input: $input) { __typename ... on ChangePasswordSuccess { revokedSessionCount } ... on AppError { code } ... on PasswordRejectedError { reasons } } }',
  reauthenticate:
    'mutation($input: ReauthenticateInput!) { reauthenticate(input: $input) { __typename ... on ReauthenticateSuccess { session { id authTime amr acr } } ... on AppError { code } } }',
  requestPasswordReset:
    'mutation($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { __typename ... on AppError { code } ... on RequestPasswordResetSuccess { email } } }',
  resetPassword:
    'mutation($input: ResetPasswordInput!) { resetPassword(input: $input) { __typename ... on ResetPasswordSuccess { revokedSessionCount } ... on AppError { code } ... on PasswordRejectedError { reasons } } }',
  claimFirstAdmin:
    'mutation($input: ClaimFirstAdminInput!) { claimFirstAdmin(input: $input) { __typename ... on ClaimFirstAdminSuccess { user { id email } } ... on AppError { code } } }',
  securityEvents:
    'subscription($after: Cursor, $filter: SecurityEventFilter) { securityEvents(after: $after, filter: $filter) { id cursor type severity subjectId actorId sessionId organisationId correlationId occurredAt data ipAddress userAgent } }',
} as const;

export function tokenOf(mail: { readonly text: string }): string {
  const token = /#token=(\S+)/.exec(mail.text)?.[1];
  if (!token) throw new Error('the mail holds no link');
  return token;
}

/** A person who signed up, confirmed the address and can sign in. */
export async function registeredPerson(
  app: TestApp,
  email = `person-${nextPerson()}-${Math.random().toString(36).slice(2, 8)}@example.com`,
): Promise<Person> {
  // From a network of its own where the app believes so: sign-ups from one network are limited.
  const client = new TestClient(app, { headers: anotherNetwork() });
  const registered = await client.send(documents.register, {
    input: { email, password: goodPassword, displayName: 'Ada Lovelace' },
  });
  if (registered.data?.register.__typename !== 'RegisterSuccess') throw new Error(`register: ${registered.text}`);
  const mail = await app.mailbox.waitFor(email, /confirm/i);
  const verified = await client.send(documents.verifyEmail, { input: { token: tokenOf(mail), password: goodPassword } });
  if (verified.data?.verifyEmail.__typename !== 'VerifyEmailSuccess') throw new Error(`verifyEmail: ${verified.text}`);
  return { email, password: goodPassword, userId: verified.data.verifyEmail.user.id };
}

export interface SignedIn {
  readonly client: TestClient;
  readonly sessionId: string;
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** A client that holds an access token of a new session of this person. */
export async function signIn(app: Pick<TestApp, 'url'>, person: Person, options: TestClientOptions = {}): Promise<SignedIn> {
  const client = new TestClient(app, options);
  const { data, text } = await client.send(documents.login, {
    input: { email: person.email, password: person.password, delivery: 'TOKENS' },
  });
  if (data?.login.__typename !== 'LoginSuccess') throw new Error(`login: ${text}`);
  const { accessToken, refreshToken } = data.login.tokens;
  client.accessToken = accessToken;
  return { client, sessionId: data.login.viewer.session.id, accessToken, refreshToken };
}

/** A client that holds the cookie of a new session of this person, as a browser does. */
export async function signInWithCookie(
  app: Pick<TestApp, 'url'>,
  person: Person,
  options: TestClientOptions = {},
): Promise<{ client: TestClient; sessionId: string }> {
  const client = new TestClient(app, options);
  const { data, text } = await client.send(documents.login, {
    input: { email: person.email, password: person.password, delivery: 'COOKIE' },
  });
  if (data?.login.__typename !== 'LoginSuccess') throw new Error(`login: ${text}`);
  return { client, sessionId: data.login.viewer.session.id };
}

/** The first administrator of the deployment, signed in. */
export async function signedInAdmin(app: TestApp): Promise<SignedIn & { readonly person: Person }> {
  const link = await app.node.firstAdminLink();
  if (!link) throw new Error('there is an administrator already');
  const input = {
    token: link.split('#token=')[1],
    email: 'admin@example.com',
    password: goodPassword,
    displayName: 'Grace Hopper',
  };
  const { data, text } = await new TestClient(app).send(documents.claimFirstAdmin, { input });
  if (data?.claimFirstAdmin.__typename !== 'ClaimFirstAdminSuccess') throw new Error(`claimFirstAdmin: ${text}`);
  const person = { email: input.email, password: goodPassword, userId: data.claimFirstAdmin.user.id };
  return { ...(await signIn(app, person)), person };
}
