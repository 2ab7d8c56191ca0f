"""Produces to and consumes from a topic with python-kafka 2.0.2; prints one line per message.

/usr/bin/python3 python_kafka.py <bootstrap servers> <topic>
"""
import sys

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic

servers, topic = sys.argv[1], sys.argv[2]
admin = KafkaAdminClient(bootstrap_servers=servers)
admin.create_topics([NewTopic(topic, 1, 1)])

for compression in (None, "gzip"):
    producer = KafkaProducer(bootstrap_servers=servers, acks="all", compression_type=compression)
    for i in range(10):
        producer.send(topic, key=b"k%d" % i, value=b"v%d" % i, headers=[("h", b"x")]).get(10)
    producer.close()

consumer = KafkaConsumer(topic, bootstrap_servers=servers, group_id=topic, auto_offset_reset="earliest", consumer_timeout_ms=15000)
for count, message in enumerate(consumer, 1):
    print(message.offset, message.key.decode(), message.value.decode(), message.headers[0][0], flush=True)
    if count == 20:
        break
consumer.commit()
print("committed", consumer.committed(TopicPartition(topic, 0)))
print("end", consumer.end_offsets([TopicPartition(topic, 0)])[TopicPartition(topic, 0)])
consumer.close()
