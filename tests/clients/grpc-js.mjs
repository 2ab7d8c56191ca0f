// grpc-js.mjs ADDRESS: calls zilla.tests.Calls with @grpc/grpc-js in every shape; prints what came of it as one JSON line.
import grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { once } from 'node:events';

const { Calls } = grpc.loadPackageDefinition(loadSync('calls.proto', { longs: Number })).zilla.tests;
const client = new Calls(process.argv[2], grpc.credentials.createInsecure());
const MESSAGES = 100, MESSAGE = 1 << 20, LARGE = 4_000_000;
const deadline = () => ({ deadline: Date.now() + 40_000 });

// The answer with its metadata and trailers, or the error.
function ended(start) {
  return new Promise(resolve => {
    let headers, trailers;
    const call = start((error, answer) => setImmediate(() => resolve({ error, answer, headers, trailers })));
    call.on('metadata', metadata => { headers = metadata; });
    call.on('status', status => { trailers = status.metadata; });
  });
}

const ask = (question, metadata = new grpc.Metadata(), options = deadline()) => ended(done => client.ask(question, metadata, options, done));
const failure = error => `${grpc.status[error.code]}: ${error.details}`;

async function all(stream) {
  const messages = [];
  for await (const message of stream) messages.push(message);
  return messages;
}

async function collect(questions) {
  const { error, answer } = await ended(done => {
    const call = client.collect(new grpc.Metadata(), deadline(), done);
    (async () => {
      for (const question of questions) if (!call.write(question)) await once(call, 'drain');
      call.end();
    })();
    return call;
  });
  return error ? failure(error) : [answer.text, answer.bytes];
}

async function talk() {
  const call = client.talk(new grpc.Metadata(), deadline());
  const heard = [];
  call.write({ text: 'a' });
  for await (const { text } of call) {
    heard.push(text);
    heard.length === 1 ? call.write({ text: 'b' }) : call.end();
  }
  return heard;
}

async function cancelled() {
  const call = client.list({ text: 'endless', count: 1 }, new grpc.Metadata(), deadline());
  call.on('data', () => call.cancel()).on('error', () => {});
  const { code } = await new Promise(resolve => call.on('status', resolve));
  return grpc.status[code];
}

async function metadata() {
  const sent = new grpc.Metadata();
  sent.set('echo-text', 'blue');
  sent.set('echo-bytes-bin', Buffer.from([0, 255, 10]));
  const { headers, trailers } = await ask({ text: 'x' }, sent);
  return [headers, trailers].map(received => [...received.get('echo-text'), ...received.get('echo-bytes-bin').map(bytes => bytes.toString('hex'))]);
}

async function large() {
  const payload = Buffer.alloc(LARGE, 7);
  const { error, answer } = await ask({ text: 'x', payload });
  return error ? failure(error) : payload.equals(answer.payload);
}

async function download() {
  let [count, right] = [0, true];
  for await (const { payload } of client.list({ count: MESSAGES, size: MESSAGE }, new grpc.Metadata(), deadline())) {
    right &&= payload.length === MESSAGE && payload[0] === count && payload[MESSAGE - 1] === count;
    count++;
  }
  return { count, right };
}

async function failed() {
  const { error } = await ask({ text: 'fail' });
  return [failure(error), error.metadata.get('grpc-status-details-bin')[0].toString('hex')];
}

const steps = {
  unary: async () => (await ask({ text: 'a' })).answer.text,
  collected: () => collect([{ text: 'a' }, { text: 'b' }]),
  listed: async () => (await all(client.list({ count: 3 }, new grpc.Metadata(), deadline()))).map(answer => answer.text),
  talked: talk,
  deadline: async () => grpc.status[(await ask({ text: 'silence' }, new grpc.Metadata(), { deadline: Date.now() + 300 })).error.code],
  cancelled,
  failed,
  metadata,
  large,
  uploaded: () => collect(Array(MESSAGES).fill({ payload: Buffer.alloc(MESSAGE, 1) })).then(([text, bytes]) => [text.length, bytes]),
  downloaded: download,
};
const came = {};
for (const [name, step] of Object.entries(steps)) {
  const began = Date.now();
  came[name] = await step();
  console.log(name, Date.now() - began, 'ms');
}

console.log(JSON.stringify(came));
client.close();
