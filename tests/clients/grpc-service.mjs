// grpc-service.mjs BROKERS REQUESTS: the service zilla.tests.Calls of calls.proto behind topics of a grpc-kafka binding. A record with a value is a message of
// a call, one with the null value the end of its messages; replies go where the record says, with its correlation id, and end with a null value and a status.
// Metadata `echo-…` come back with the first message and with the status. Prints `ready`, then a line `METHOD` for each call that has ended.
import { Kafka, logLevel } from 'kafkajs';
import protobuf from 'protobufjs';

const [brokers, requests] = process.argv.slice(2);
const kafka = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.ERROR });
const schema = await protobuf.load('calls.proto');
const [Question, Answer] = ['Question', 'Answer'].map(name => schema.lookupType(`zilla.tests.${name}`));
const MOST_AT_ONCE = 4_500_000; // bytes: what is sent at once becomes one batch, and max.message.bytes of the topics is that of a batch
const FAILURE = {
  'zilla:status': '9',
  'zilla:message': 'not now: ü',
  'meta:grpc-status-details-bin': Buffer.from([8, 9, 18, 3, 110, 111, 119]), // google.rpc.Status { code: 9, message: "now" }
};

const methods = {
  Ask: (_, question) => [answer(question)],
  Collect: (call, question) => {
    call.texts = [...call.texts ?? [], question.text];
    call.bytes = (call.bytes ?? 0) + question.payload.length;
    return [];
  },
  List: (_, question) => Array.from({ length: question.count }, (_, index) => ({ text: String(index), payload: Buffer.alloc(question.size, index) })),
  Talk: (_, question) => [answer(question)],
};
const endings = { Collect: call => [{ text: (call.texts ?? []).join(), bytes: call.bytes ?? 0 }] };

const answer = ({ text, payload }) => ({ text: `${text}!`, payload });

const calls = new Map();

// The reply's records for one of the request's.
function reply({ key, value, headers }) {
  const id = String(headers['zilla:correlation-id']);
  const method = String(headers['zilla:method']);
  const call = calls.get(id) ?? calls.set(id, {}).get(id);
  const echoed = Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('meta:echo-')));
  const record = (value, more) => ({ key, value, headers: { 'zilla:correlation-id': id, ...echoed, ...more } });
  const message = fields => record(Buffer.from(Answer.encode(fields).finish()));
  if (value !== null) {
    const question = Question.decode(value);
    call.silent ||= question.text === 'silence';
    call.endless ||= question.text === 'endless';
    call.failed ||= question.text === 'fail';
    return call.silent || call.failed ? [] : methods[method](call, question).map(message);
  }

  calls.delete(id);
  console.log(method);
  return call.silent || call.endless ? [] : call.failed ? [record(null, FAILURE)] : [...(endings[method]?.(call) ?? []).map(message), record(null, { 'zilla:status': '0' })];
}

const producer = kafka.producer();
await producer.connect();
const consumer = kafka.consumer({
  groupId: `service-${requests}`, sessionTimeout: 6000, heartbeatInterval: 1000, maxWaitTimeInMs: 50, maxBytesPerPartition: 8 << 20,
});
consumer.on(consumer.events.GROUP_JOIN, () => console.log('ready'));
await consumer.connect();
await consumer.subscribe({ topic: requests, fromBeginning: true });
await consumer.run({
  partitionsConsumedConcurrently: 3,
  eachBatch: async ({ batch, heartbeat }) => {
    let waiting = [], size = 0;
    const send = async () => {
      if (waiting.length > 0) await producer.sendBatch({ topicMessages: waiting });
      [waiting, size] = [[], 0];
      await heartbeat();
    };
    for (const request of batch.messages) {
      const topic = String(request.headers['zilla:reply-to']);
      for (const record of reply(request)) {
        const length = record.value?.length ?? 0;
        if (size + length > MOST_AT_ONCE) await send();
        waiting.push({ topic, messages: [record] });
        size += length;
      }
    }
    await send();
  },
});
process.on('SIGTERM', () => consumer.disconnect().finally(() => process.exit()));
