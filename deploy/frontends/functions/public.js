function handler(event) {
  return toPage(event.request);
}
