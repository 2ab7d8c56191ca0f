// grpc-web.mjs GATEWAY: a page in Chromium, of another origin than the gateway, calls zilla.tests.Calls with npm's grpc-web, in its formats `text` and `binary`;
// prints what came of it as one JSON line. The browser's complaints are printed as `error …`.
import { chromium } from 'playwright-core';
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';

const gateway = process.argv[2];
const files = {
  '/grpc-web.js': 'node_modules/grpc-web/index.esm.js',
  '/protobuf.js': 'node_modules/protobufjs/dist/protobuf.min.js',
  '/calls.proto': 'calls.proto',
};
const server = createServer(async (request, response) => {
  const file = files[request.url];
  response.setHeader('Content-Type', file?.endsWith('.js') ? 'text/javascript' : 'text/html');
  response.end(file ? await readFile(file) : '<!doctype html><link rel="icon" href="data:,"><script src="/protobuf.js"></script>');
});
await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
try {
  const page = await browser.newPage();
  page.on('console', message => message.type() === 'error' && console.log('error', message.text()));
  page.on('pageerror', error => console.log('error', error.message));
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  const came = {};
  for (const format of ['text', 'binary']) came[format] = await page.evaluate(callEverything, { gateway, format });
  console.log(JSON.stringify(came));
} finally {
  await browser.close();
  server.close();
}

// In the page.
async function callEverything({ gateway, format }) {
  const MESSAGES = 100, MESSAGE = 1 << 20, LARGE = 4_000_000;
  const { GrpcWebClientBase, MethodDescriptor, MethodType } = await import('/grpc-web.js');
  const schema = protobuf.parse(await (await fetch('/calls.proto')).text(), { keepCase: true }).root;
  const [Question, Answer] = ['Question', 'Answer'].map(name => schema.lookupType(`zilla.tests.${name}`));
  const client = new GrpcWebClientBase({ format });
  const method = (name, type) => new MethodDescriptor(
    `/zilla.tests.Calls/${name}`, type, Question, Answer, question => Question.encode(question).finish(), bytes => Answer.decode(bytes));
  const [Ask, List] = [method('Ask', MethodType.UNARY), method('List', MethodType.SERVER_STREAMING)];
  const path = ({ name }) => gateway + name;
  const hex = text => Array.from(atob(text), char => char.charCodeAt(0).toString(16).padStart(2, '0')).join('');

  // The answer with what else came of the call.
  const ask = (question, metadata = {}) => new Promise(resolve => {
    const came = {};
    const call = client.rpcCall(path(Ask), question, metadata, Ask, (error, answer) => {
      Object.assign(came, { error, answer });
      setTimeout(() => resolve(came));
    });
    call.on('metadata', headers => { came.headers = headers; });
    call.on('status', ({ metadata }) => { came.trailers = metadata; });
  });
  const list = (question, onData) => new Promise((resolve, reject) => {
    const call = client.serverStreaming(path(List), question, {}, List);
    call.on('data', answer => onData(answer, call)).on('error', reject).on('end', resolve);
  });
  const failure = ({ error }) => `${error.code}: ${error.message}`;

  async function listed() {
    const texts = [];
    await list({ count: 3 }, ({ text }) => texts.push(text));
    return texts;
  }

  async function cancelled() {
    const call = client.serverStreaming(path(List), { text: 'endless', count: 1 }, {}, List);
    return await new Promise(resolve => call.on('data', ({ text }) => {
      call.cancel();
      resolve(text);
    }));
  }

  async function failed() {
    const came = await ask({ text: 'fail' });
    return [failure(came), hex(came.error.metadata['grpc-status-details-bin'])];
  }

  async function metadata() {
    const { headers, trailers } = await ask({ text: 'x' }, { 'echo-text': 'blue', 'echo-bytes-bin': btoa('\x00\xff\n') });
    return [headers, trailers].map(received => [received['echo-text'], hex(received['echo-bytes-bin'])]);
  }

  async function large() {
    const came = await ask({ text: 'x', payload: new Uint8Array(LARGE).fill(7) });
    return came.error ? failure(came) : came.answer.payload.length === LARGE && came.answer.payload.every(octet => octet === 7);
  }

  async function downloaded() {
    let [count, right] = [0, true];
    await list({ count: MESSAGES, size: MESSAGE }, ({ payload }) => {
      right &&= payload.length === MESSAGE && payload[0] === count && payload[MESSAGE - 1] === count;
      count++;
    });
    return { count, right };
  }

  async function deadline() {
    return failure(await ask({ text: 'silence' }, { deadline: String(Date.now() + 300) })).split(':')[0];
  }

  const unary = async () => (await ask({ text: 'a' })).answer.text;

  // In binary the client has nothing of a stream before its end; in text it reads all that has come again with each message.
  const steps = { unary, listed, deadline, failed, metadata, large, ...format === 'text' ? { cancelled } : { downloaded } };
  const came = {};
  for (const [name, step] of Object.entries(steps)) came[name] = await step().catch(error => String(error));
  return came;
}
