/**
 * The user's session, by Cognito's own API. The access token is kept in memory alone; the refresh token in
 * the tab's storage, so that a reload does not sign out, and closing the tab does.
 */

const KEPT = 'session';
const WORDS = {
  AliasExistsException: 'There is an account of this address already. Sign in.',
  CodeMismatchException: 'This is not the code that was sent.',
  ExpiredCodeException: 'This code is no longer valid. Have another one sent.',
  InvalidParameterException: 'Something in it is not as it must be.',
  InvalidPasswordException: 'The password needs 12 characters, with upper and lower case, a number and a symbol.',
  LimitExceededException: 'That was tried too often. Wait a while.',
  NotAuthorizedException: 'E-mail and password do not belong together.',
  TooManyRequestsException: 'That was tried too often. Wait a while.',
  UserNotConfirmedException: 'This address is not confirmed yet.',
  UserNotFoundException: 'E-mail and password do not belong together.',
  UsernameExistsException: 'There is an account of this address already. Sign in.',
  UNREACHABLE: 'Sign-in can not be reached. Check the network, then try again.',
};

/** What Cognito refused: `code` for programs, the message for people. */
export class SignInError extends Error {
  constructor(code) {
    super(WORDS[code] ?? `That did not work (${code}).`);
    this.code = code;
  }
}

/** Says `change` when somebody signs in or out. */
export class Session extends EventTarget {
  #settings;
  #access = null;
  #renewal = null;
  #kept = { email: '', refresh: null };

  constructor(settings) {
    super();
    this.#settings = settings;
  }

  get isSignedIn() {
    return this.#kept.refresh !== null;
  }

  get email() {
    return this.#kept.email;
  }

  signUp(email, password) {
    return this.#call('SignUp', {
      Username: email,
      Password: password,
      UserAttributes: [{ Name: 'email', Value: email }],
    });
  }

  confirm(email, code) {
    return this.#call('ConfirmSignUp', { Username: email, ConfirmationCode: code });
  }

  sendCode(email) {
    return this.#call('ResendConfirmationCode', { Username: email });
  }

  async signIn(email, password) {
    const answer = await this.#call('InitiateAuth', {
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: email, PASSWORD: password },
    });
    if (!answer.AuthenticationResult) throw new SignInError(answer.ChallengeName);
    this.#access = answer.AuthenticationResult.AccessToken;
    this.#keep({ email, refresh: answer.AuthenticationResult.RefreshToken });
  }

  /** Go on with the session that this tab had, if it had one. */
  async resume() {
    const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? 'null');
    if (!kept) return;
    this.#kept = kept;
    await this.token().catch(() => {});
  }

  /** The access token; a new one where there is none, or where `renewed` asks for it. */
  async token(renewed = false) {
    if (!this.#access || renewed) {
      this.#renewal ??= this.#renew().finally(() => (this.#renewal = null));
      await this.#renewal;
    }
    return this.#access;
  }

  async signOut() {
    const { refresh } = this.#kept;
    this.#access = null;
    this.#keep({ email: '', refresh: null });
    if (refresh) await this.#call('RevokeToken', { Token: refresh }).catch(() => {});
  }

  async #renew() {
    try {
      const answer = await this.#call('InitiateAuth', {
        AuthFlow: 'REFRESH_TOKEN_AUTH',
        AuthParameters: { REFRESH_TOKEN: this.#kept.refresh },
      });
      this.#access = answer.AuthenticationResult.AccessToken;
    } catch (error) {
      if (error.code === 'NotAuthorizedException') this.#keep({ email: '', refresh: null });
      throw error;
    }
  }

  #keep(kept) {
    this.#kept = kept;
    if (kept.refresh) sessionStorage.setItem(KEPT, JSON.stringify(kept));
    else sessionStorage.removeItem(KEPT);
    this.dispatchEvent(new Event('change'));
  }

  async #call(action, parameters) {
    const response = await fetch(this.#settings.cognito, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `AWSCognitoIdentityProviderService.${action}`,
      },
      body: JSON.stringify({ ClientId: this.#settings.clientId, ...parameters }),
    }).catch(() => {
      throw new SignInError('UNREACHABLE');
    });
    const text = await response.text();
    const answer = text ? JSON.parse(text) : {};
    if (!response.ok) throw new SignInError(String(answer.__type).split('#').at(-1));
    return answer;
  }
}
