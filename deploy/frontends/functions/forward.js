// Tells the sign-in function which host the browser asked, in place of whatever it sent in this header: on
// the way to a function URL the host is the URL's own.
function handler(event) {
  const request = event.request;
  request.headers['x-forwarded-host'] = { value: request.headers.host.value };
  return request;
}
