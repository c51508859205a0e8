// Runs on CloudFront, cloudfront-js-2.0, before what is asked for is looked up.

/** A path without an ending is one of the page itself, which knows what to show there. */
function toPage(request) {
  if (!request.uri.split('/').pop().includes('.')) request.uri = '/index.html';
  return request;
}
