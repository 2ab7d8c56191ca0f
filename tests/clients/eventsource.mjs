// eventsource.mjs URL COUNT [LAST-EVENT-ID]: prints `open`, then `message DATA ID` for each of COUNT events, then ends.
import { EventSource } from 'eventsource';

const [url, count, lastEventId] = process.argv.slice(2);
let left = Number(count);
const source = new EventSource(url, {
  fetch: (input, init) =>
    fetch(input, { ...init, headers: lastEventId ? { 'Last-Event-ID': lastEventId, ...init.headers } : init.headers }),
});
source.onopen = () => console.log('open');
source.onerror = error => console.log('error', error.message);
source.onmessage = event => {
  console.log('message', event.data, event.lastEventId);
  if (--left === 0) source.close();
};
