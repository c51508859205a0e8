/** The form that signs in, signs up and takes the code of a mail: one of three at a time. */

import { byId, submitting } from '../common/dom.js';

const FORMS = {
  in: { title: 'Sign in', hint: 'To see your todos.', question: 'No account yet?', other: 'Sign up' },
  up: { title: 'Sign up', hint: 'An e-mail address and a password are all it takes.', question: 'An account already?', other: 'Sign in' },
  code: { title: 'Confirm your address', hint: 'We sent you a code by e-mail.', question: 'Nothing came?', other: 'Send another' },
};

let shown = 'in';
let session;

/** Show the form for signing in; what it does is done by the session. */
export function showAccount(given) {
  if (!session) {
    byId('account-form').addEventListener('submit', submitted);
    byId('account-other').addEventListener('click', other);
  }
  session = given;
  show('in');
}

function show(form) {
  shown = form;
  const { title, hint, question, other } = FORMS[form];
  const fields = byId('account-form').elements;
  byId('account-title').textContent = byId('account-submit').textContent = title;
  byId('account-hint').textContent = hint;
  byId('account-question').textContent = question;
  byId('account-other').textContent = other;
  byId('password-label').hidden = fields.password.disabled = form === 'code';
  byId('password-hint').hidden = form !== 'up';
  byId('code-label').hidden = fields.code.disabled = form !== 'code';
  fields.code.required = form === 'code';
  fields.email.readOnly = form === 'code';
  fields.password.autocomplete = form === 'up' ? 'new-password' : 'current-password';
  tell('');
  (form === 'code' ? fields.code : fields.email).focus();
}

const tell = (text) => {
  byId('account-wrong').textContent = text;
};

function submitted(event) {
  event.preventDefault();
  const form = event.currentTarget;
  const { email, password, code } = form.elements;
  let next = null;
  const work = async () => {
    if (shown === 'up') {
      await session.signUp(email.value, password.value);
      next = 'code';
    } else {
      if (shown === 'code') await session.confirm(email.value, code.value);
      next = await entered(email.value, password.value);
    }
  };
  submitting(form, work, tell).then(() => next && show(next));
}

/** Sign in; "code" where the address must be confirmed before. */
async function entered(email, password) {
  try {
    await session.signIn(email, password);
    byId('account-form').reset();
    return null;
  } catch (error) {
    if (error.code !== 'UserNotConfirmedException') throw error;
    await session.sendCode(email);
    return 'code';
  }
}

function other() {
  const { email } = byId('account-form').elements;
  if (shown !== 'code') show(shown === 'in' ? 'up' : 'in');
  else session.sendCode(email.value).then(() => tell('Another code is on its way.'), (error) => tell(error.message));
}
