// responder.mjs BROKERS REQUESTS RESPONSES: a service behind two topics. It stores what is PUT or POSTed under the record's key, gives it back to
// GET, and drops it on DELETE. Prints `ready`, then a line `METHOD PATH STATUS` per request.
import { Kafka, logLevel } from 'kafkajs';

const [brokers, requests, responses] = process.argv.slice(2);
const kafka = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.ERROR });
const items = new Map();

function answer(method, key, value) {
  const had = items.has(key);
  switch (method) {
    case 'GET':
      return had ? [200, items.get(key)] : [404, ''];
    case 'DELETE':
      return items.delete(key) ? [204, ''] : [404, ''];
    default:
      items.set(key, value);
      return [had ? 200 : 201, value];
  }
}

const producer = kafka.producer();
await producer.connect();
const consumer = kafka.consumer({ groupId: `responder-${requests}`, sessionTimeout: 6000, heartbeatInterval: 1000, maxWaitTimeInMs: 100 });
consumer.on(consumer.events.GROUP_JOIN, () => console.log('ready'));
await consumer.connect();
await consumer.subscribe({ topic: requests, fromBeginning: true });
await consumer.run({
  eachMessage: async ({ message }) => {
    const header = (name) => message.headers[name]?.toString();
    const [status, value] = answer(header(':method'), String(message.key), message.value?.toString() ?? '');
    await producer.send({
      topic: header('zilla:reply-to') ?? responses,
      messages: [{
        key: message.key,
        value,
        headers: {
          ':status': String(status),
          'content-type': header('content-type') ?? 'text/plain',
          'zilla:correlation-id': header('zilla:correlation-id'),
        },
      }],
    });
    console.log(header(':method'), header(':path'), status);
  },
});
