// grpc-effects.mjs BROKERS REQUESTS EFFECTS: the service zilla.tests.Effects of calls.proto behind topics of a grpc-kafka binding, which may be killed at any time.
// It reads all requests when it starts and passes over those whose correlation id has its effect; an effect, a record of EFFECTS, and its reply are one
// transaction, so that there are both or none. Prints `ready` when it reads requests; ends when Kafka fails it.
import { Kafka, logLevel } from 'kafkajs';

const [brokers, requests, effects] = process.argv.slice(2);
const kafka = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING });
const run = `${process.pid}-${Date.now()}`;
const consumer = async (topic, group, eachBatch) => {
  const consumer = kafka.consumer({ groupId: `${group}-${run}`, sessionTimeout: 6000, heartbeatInterval: 1000, maxWaitTimeInMs: 20, retry: { retries: 0 } });
  consumer.on(consumer.events.CRASH, () => process.exit(1));
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({ eachBatch, partitionsConsumedConcurrently: 1 });
  return consumer;
};

// What its predecessor left open is aborted here, and nothing of the predecessor's comes behind this record.
const producer = kafka.producer({ transactionalId: effects, idempotent: true, maxInFlightRequests: 1, retry: { retries: 3 } });
await producer.connect();
const begin = await producer.transaction();
await begin.send({ topic: effects, messages: [{ key: 'begin', value: run }] });
await begin.commit();

const done = new Set();
await new Promise((resolve, reject) => {
  consumer(effects, 'recovery', async ({ batch }) => {
    for (const { key, value } of batch.messages) {
      done.add(String(key));
      if (String(value) === run) resolve();
    }
  }).catch(reject);
});

const open = new Map();
await consumer(requests, 'service', async ({ batch }) => {
  const messages = new Map([[effects, []]]);
  for (const { key, value, headers } of batch.messages) {
    const id = String(headers['zilla:correlation-id']);
    if (done.has(id)) continue;
    if (value !== null) {
      // A message that was produced twice is the same message.
      open.set(id, value);
      continue;
    }

    const topic = String(headers['zilla:reply-to']);
    const reply = more => ({ key, headers: { 'zilla:correlation-id': id, ...more } });
    messages.get(effects).push({ key: id, value: open.get(id) });
    messages.set(topic, [...messages.get(topic) ?? [], { ...reply(), value: open.get(id) }, { ...reply({ 'zilla:status': '0' }), value: null }]);
    open.delete(id);
    done.add(id);
  }

  if (messages.get(effects).length > 0) {
    const transaction = await producer.transaction();
    await transaction.sendBatch({ topicMessages: [...messages].map(([topic, messages]) => ({ topic, messages })) });
    await transaction.commit();
  }
}).catch(() => process.exit(1));
console.log('ready');
