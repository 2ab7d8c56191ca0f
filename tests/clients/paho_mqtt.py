# Two clients of paho-mqtt, one of each version, tell each other something with each QoS; prints what both have received as one JSON line.
# python3 paho_mqtt.py <port> <prefix of topics and client ids>
import json
import sys
import threading

import paho.mqtt.client as mqtt

port, prefix = int(sys.argv[1]), sys.argv[2]
received, ready = {}, {}
changed = threading.Condition()


def join(name, version):
    client = mqtt.Client(client_id=f"{prefix}-{name}", protocol=version)
    received[name] = []

    def on_message(_client, _data, message):
        with changed:
            received[name].append(f"{message.topic} {message.payload.decode()} {message.qos}")
            changed.notify_all()

    def on_subscribe(*_):
        with changed:
            ready[name] = True
            changed.notify_all()

    client.on_message = on_message
    client.on_subscribe = on_subscribe
    client.on_connect = lambda *_: client.subscribe(f"{prefix}/#", qos=2)
    client.connect("127.0.0.1", port)
    client.loop_start()
    return client


def wait(condition, what):
    with changed:
        if not changed.wait_for(condition, timeout=30):
            raise SystemExit(f"not in time: {what} {received}")


clients = {"four": join("four", mqtt.MQTTv311), "five": join("five", mqtt.MQTTv5)}
wait(lambda: len(ready) == 2, "subscribed")
for name, client in clients.items():
    for qos in (0, 1, 2):
        client.publish(f"{prefix}/{name}", f"m{qos}", qos=qos).wait_for_publish()
wait(lambda: all(len(messages) == 6 for messages in received.values()), "received")
for client in clients.values():
    client.disconnect()
    client.loop_stop()
print(json.dumps({name: sorted(messages) for name, messages in received.items()}))
