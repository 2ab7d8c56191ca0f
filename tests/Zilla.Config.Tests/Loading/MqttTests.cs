using Zilla.Config.Bindings;

namespace Zilla.Config.Tests.Loading;

/// <summary>ws, mqtt and mqtt-kafka bindings (reference §2.8, §2.11, §2.12), from the file to the plans.</summary>
public sealed class MqttTests
{
    private const string Kafka = """
          client0: {type: kafka, kind: cache_client, exit: server0}
          server0: {type: kafka, kind: cache_server, exit: kafka0}
          kafka0: {type: kafka, kind: client, options: {servers: ['h:1']}, exit: tcp9}
          tcp9: {type: tcp, kind: client}
        guards:
          jwt0: {type: jwt, options: {issuer: https://i, keys: https://i/k}}
          own0: {type: inline}
          peers: {type: x509}
        stores:
          store0: {type: memory}

        """;

    private const string Map = "  map0: {type: mqtt-kafka, kind: proxy, options: {topics: {sessions: s, messages: m, retained: r}}, exit: client0}\n";

    [Fact]
    public void Load_Server_IsReadWhole()
    {
        var configuration = Loader.LoadValid("""
            name: test
            bindings:
              mqtt0:
                type: mqtt
                kind: server
                options:
                  versions: [v5]
                  store: store0
                  authorization: {jwt0: {credentials: {connect: {password: 'Bearer {credentials}'}}}}
                  limits:
                    clients: 1000
                    rate: {publishes: 5000}
                    rate-per-address: {publishes: 100, per: 1m}
                    rate-per-identity: {publishes: 10, burst: 20}
                    packet: 65536
                    receive-maximum: 16
                    topic-aliases: 0
                    keep-alive: 5m
                    session-expiry: 30d
                routes:
                  - when:
                      - session: [{client-id: 'sensor-*'}]
                        publish: [{topic: 'sensors/{id}/#', params: {id: "${guarded['jwt0'].identity}"}}, {topic: /}]
                        subscribe: [{topic: '+/{id}', params: {id: one}}, {topic: '#'}]
                    guarded: {jwt0: [mqtt]}
                    exit: map0
                exit: map0

            """ + Map + Kafka);

        var mqtt = Assert.IsType<MqttServerBinding>(configuration.Bindings["mqtt0"]);
        Assert.Equal(["v5"], mqtt.Versions);
        Assert.Equal(new MqttAuthorization { Guard = "jwt0", Password = "Bearer {credentials}" }, mqtt.Authorization);
        Assert.Equal(
            new MqttLimits
            {
                Clients = 1000,
                Rate = new() { Requests = 5000 },
                RatePerAddress = new() { Requests = 100, Per = TimeSpan.FromMinutes(1) },
                RatePerIdentity = new() { Requests = 10, Burst = 20 },
                Packet = 65536,
                ReceiveMaximum = 16,
                TopicAliases = 0,
                KeepAlive = TimeSpan.FromMinutes(5),
                SessionExpiry = TimeSpan.FromDays(30),
            },
            mqtt.Limits);
        var route = mqtt.Routes.Single();
        Assert.Equal(("map0", "mqtt"), (route.Exit, route.Guarded["jwt0"].Single()));
        var when = route.When.Single();
        Assert.Equal(["sensor-*"], when.Session);
        Assert.Equal(["sensors/{id}/#", "/"], when.Publish.Select(condition => condition.Topic));
        Assert.Equal("${guarded['jwt0'].identity}", when.Publish[0].Params["id"]);
        Assert.Equal([("+/{id}", 1), ("#", 0)], when.Subscribe.Select(condition => (condition.Topic, condition.Params.Count)));
    }

    [Fact]
    public void Load_Server_SaysNothing_HasTheDefaults()
    {
        var mqtt = Assert.IsType<MqttServerBinding>(Loader.LoadValid("name: test\nbindings:\n  mqtt0: {type: mqtt, kind: server, exit: map0}\n" + Map + Kafka).Bindings["mqtt0"]);

        Assert.Equal(["v3.1.1", "v5"], mqtt.Versions);
        Assert.Null(mqtt.Authorization);
        Assert.Equal((1_000_000, 1024, 32, null, null, null), (mqtt.Limits.Packet, mqtt.Limits.ReceiveMaximum, mqtt.Limits.TopicAliases, mqtt.Limits.KeepAlive, mqtt.Limits.SessionExpiry, mqtt.Limits.Clients));
    }

    [Fact]
    public void Load_Mapping_BothDialects_IsReadWhole()
    {
        var configuration = Loader.LoadValid("""
            name: test
            bindings:
              map0:
                type: mqtt-kafka
                kind: proxy
                options:
                  server: mqtt-1.example:1883
                  store: store0
                  topics: {sessions: sessions, messages: messages, retained: retained}
                  clients: ['place/{identity}/#', '{identity}']
                  publish: {qosMax: at_least_once}
                routes:
                  - when:
                      - publish: [{topic: 'sensors/{id}/#'}, {topic: 'old/{id}'}]
                      - subscribe: [{topic: 'sensors/{id}/#'}]
                    with: {messages: 'sensors-${params.id}'}
                    exit: client0
                exit: client0

            """ + Kafka);

        var map = Assert.IsType<MqttKafkaBinding>(configuration.Bindings["map0"]);
        Assert.Equal(new MqttKafkaTopics { Sessions = "sessions", Messages = "messages", Retained = "retained" }, map.Topics);
        Assert.Equal(["place/{identity}/#", "{identity}"], map.Clients);
        Assert.Equal(MqttQos.AtLeastOnce, map.MaxPublishQos);
        var route = map.Routes.Single();
        Assert.Equal(("client0", "sensors-${params.id}"), (route.Exit, route.Messages));
        Assert.Equal([2, 0], route.When.Select(when => when.Publish.Count));
        Assert.Equal([0, 1], route.When.Select(when => when.Subscribe.Count));
    }

    [Theory]
    [InlineData("options: {versions: [v3]}", "options.versions[0]: 'v3' is none of v3.1.1, v5")]
    [InlineData("options: {store: stor0}", "options.store: no store is named 'stor0'; did you mean 'store0'?")]
    [InlineData("options: {authorization: {jwt0: }}", "options.authorization.jwt0: 'credentials' is missing")]
    [InlineData("options: {authorization: {jwt0: {credentials: {}}}}", "options.authorization.jwt0.credentials: 'connect' is missing")]
    [InlineData("options: {authorization: {jwt0: {credentials: {connect: {}}}}}", "options.authorization.jwt0.credentials.connect: names neither 'username' nor 'password'")]
    [InlineData("options: {authorization: {jwt0: {credentials: {connect: {username: '{credentials}', password: '{credentials}'}}}}}", "options.authorization.jwt0.credentials.connect: 'username' and 'password' exclude each other")]
    [InlineData("options: {authorization: {jwt0: {credentials: {connect: {username: Bearer}}}}}", "options.authorization.jwt0.credentials.connect.username: expected '{credentials}' once, as in 'Bearer {credentials}'")]
    [InlineData("options: {authorization: {own0: {credentials: {connect: {username: '{credentials}'}}}}}", "options.authorization.own0: the guard 'own0' is of type inline and tells no client from another")]
    [InlineData("options: {authorization: {peers: {credentials: {connect: {username: '{credentials}'}}}}}", "options.authorization.peers: the guard 'peers' is of type x509: it belongs to a tls server")]
    [InlineData("options: {topics: [{name: 'a/#', content: string}]}", "options.topics[0].content: 'content' is not supported yet")]
    [InlineData("options: {topics: [{name: a, user-properties: {p: string}}]}", "options.topics[0].user-properties: 'user-properties' is not supported yet")]
    [InlineData("options: {limits: {rate: {requests: 1}}}", "options.limits.rate: 'publishes' is missing|options.limits.rate.requests: unknown key 'requests'; known here: burst, per, publishes")]
    [InlineData("options: {limits: {packet: 100}}", "options.limits.packet: expected a whole number from 1024 to 268435460, found '100'")]
    [InlineData("options: {limits: {receive-maximum: 0}}", "options.limits.receive-maximum: expected a whole number from 1 to 65535, found '0'")]
    [InlineData("options: {limits: {topic-aliases: 65536}}", "options.limits.topic-aliases: expected a whole number from 0 to 65535, found '65536'")]
    [InlineData("options: {limits: {keep-alive: 19h}}", "options.limits.keep-alive: expected a time from 1s to 65535s such as 60s, 5m or 1h, found '19h'")]
    [InlineData("options: {limits: {session-expiry: 40000d}}", "options.limits.session-expiry: expected a time from 1s to 36500d such as 5m, 24h or 30d, found '40000d'")]
    [InlineData("options: {limits: {rate-per-identity: {publishes: 1}}}", "options.limits.rate-per-identity: nobody says who a client is: 'rate-per-identity' needs 'authorization', here or of the tls server before it")]
    [InlineData("routes: [{exit: map0, when: [{publish: [{topic: 'a/{b'}]}]}]", "routes[0].when[0].publish[0].topic: a parameter takes a whole level, found '{b'")]
    [InlineData("routes: [{exit: map0, when: [{publish: [{topic: 'a/x{b}'}]}]}]", "routes[0].when[0].publish[0].topic: a parameter takes a whole level, found 'x{b}'")]
    [InlineData("routes: [{exit: map0, when: [{publish: [{topic: '{b c}'}]}]}]", "routes[0].when[0].publish[0].topic: '{b c}' is no parameter: letters, digits, '_' and '-' only")]
    [InlineData("routes: [{exit: map0, when: [{publish: [{topic: '{b}/{b}'}]}]}]", "routes[0].when[0].publish[0].topic: '{b}' is bound twice")]
    [InlineData("routes: [{exit: map0, when: [{subscribe: [{topic: 'a+/b'}]}]}]", "routes[0].when[0].subscribe[0].topic: '+' stands for a whole level, found 'a+'")]
    [InlineData("routes: [{exit: map0, when: [{subscribe: [{topic: '#/b'}]}]}]", "routes[0].when[0].subscribe[0].topic: '#' stands for the last levels, whole ones")]
    [InlineData("routes: [{exit: map0, when: [{subscribe: [{topic: 'a#'}]}]}]", "routes[0].when[0].subscribe[0].topic: '#' stands for the last levels, whole ones")]
    [InlineData("routes: [{exit: map0, when: [{subscribe: [{}]}]}]", "routes[0].when[0].subscribe[0]: 'topic' is missing")]
    [InlineData("routes: [{exit: map0, when: [{session: [{client: c}]}]}]", "routes[0].when[0].session[0]: 'client-id' is missing|routes[0].when[0].session[0].client: unknown key 'client'; known here: client-id")]
    [InlineData("routes: [{exit: map0, when: [{publish: [{topic: 'a/{id}', params: {it: x}}]}]}]", "routes[0].when[0].publish[0].params.it: 'a/{id}' has no '{it}'")]
    [InlineData("routes: [{exit: map0, when: [{publish: [{topic: 'a/{id}', params: {id: \"${guarded['jwt1'].identity}\"}}]}]}]", "routes[0].when[0].publish[0].params.id: no guard is named 'jwt1'; did you mean 'jwt0'?")]
    [InlineData("routes: [{exit: map0, when: [{publish: [{topic: 'a/{id}', params: {id: \"${guarded['own0'].identity}\"}}]}]}]", "routes[0].when[0].publish[0].params.id: the guard 'own0' is of type inline and tells no client from another")]
    [InlineData("routes: [{exit: map0, when: [{publish: [{topic: 'a/{id}', params: {id: 'x${params.id}'}}]}]}]", "routes[0].when[0].publish[0].params.id: expected a text, or one expression such as ${guarded['g'].identity}")]
    [InlineData("routes: [{exit: map0, with: {messages: m}}]", "routes[0].with: 'with' is not for mqtt")]
    public void Load_BadServer_SaysWhatAndWhere(string rest, string expected) =>
        Assert.Equal(
            expected.Split('|').Select(line => "bindings.mqtt0." + line),
            Mistakes("  mqtt0:\n    type: mqtt\n    kind: server\n    exit: map0\n    " + rest + "\n" + Map).Where(line => !line.Contains("with.messages", StringComparison.Ordinal)));

    [Theory]
    [InlineData("options: {}", "options: 'topics' is missing")]
    [InlineData("options: {topics: {sessions: s, retained: r}}", "options.topics: 'messages' is missing")]
    [InlineData("options: {topics: {sessions: s, messages: 'a b', retained: r}}", "options.topics.messages: a topic name has at most 249 letters, digits, '.', '_' and '-'")]
    [InlineData("options: {topics: {sessions: s, messages: m, retained: m}}", "options.topics.retained: 'm' cannot be two topics at once: sessions, messages and retained messages each need their own")]
    [InlineData("options: {topics: {sessions: s, messages: m, retained: r}, clients: ['a/#']}", "options.clients[0]: expected a topic filter with '{identity}' and no other parameter, such as place/{identity}/#")]
    [InlineData("options: {topics: {sessions: s, messages: m, retained: r}, publish: {qosMax: 1}}", "options.publish.qosMax: '1' is none of at_most_once, at_least_once, exactly_once")]
    [InlineData("options: {topics: {sessions: s, messages: m, retained: r}}\n    routes: [{exit: client0}]", "routes[0]: 'with' is missing")]
    [InlineData("options: {topics: {sessions: s, messages: m, retained: r}}\n    routes: [{exit: client0, with: {}}]", "routes[0].with: 'messages' is missing")]
    [InlineData("options: {topics: {sessions: s, messages: m, retained: r}}\n    routes: [{exit: client0, with: {messages: r}}]", "routes[0].with.messages: 'r' cannot be two topics at once: sessions, messages and retained messages each need their own")]
    [InlineData("options: {topics: {sessions: s, messages: m, retained: r}}\n    routes: [{exit: client0, with: {messages: 'n-${params.a}'}}]", "routes[0].with.messages: '${params.a}' is not bound by this route, which has no 'when'")]
    [InlineData("options: {topics: {sessions: s, messages: m, retained: r}}\n    routes: [{exit: client0, when: [{publish: [{topic: '{a}'}], subscribe: [{topic: '{a}'}, {topic: b}]}], with: {messages: 'n-${params.a}'}}]", "routes[0].with.messages: '${params.a}' is not bound by when[0].subscribe[1]")]
    [InlineData("options: {topics: {sessions: s, messages: m, retained: r}}\n    routes: [{exit: client0, when: [{publish: [{topic: 'a/#/b'}]}], with: {messages: n}}]", "routes[0].when[0].publish[0].topic: '#' stands for the last levels, whole ones")]
    public void Load_BadMapping_SaysWhatAndWhere(string rest, string expected) =>
        Assert.Equal(["bindings.map0." + expected], Mistakes("  map0:\n    type: mqtt-kafka\n    kind: proxy\n    exit: client0\n    " + rest + "\n"));

    [Fact]
    public void Load_TopicsThatTheClusterDoesNotLetThrough_AreMistakes() => Assert.Equal(
        [
            "bindings.map0.options.topics.sessions: the routes of the cluster 'server0' do not let 's' through: m*",
            "bindings.map0.options.topics.retained: the routes of the cluster 'server0' do not let 'r' through: m*",
            "bindings.map0.routes[0].with.messages: the routes of the cluster 'server0' do not let 'n' through: m*",
        ],
        Mistakes(
            Map.Replace("exit: client0}", "exit: client0, routes: [{exit: client0, with: {messages: n}}, {exit: client0, with: {messages: m-2}}]}", StringComparison.Ordinal),
            Kafka.Replace("kind: cache_server, exit: kafka0", "kind: cache_server, routes: [{exit: kafka0, when: [{topic: 'm*'}]}]", StringComparison.Ordinal)));

    [Theory]
    [InlineData("options: {defaults: {protocol: mqtt}}", "options.defaults: 'defaults' is for a ws client")]
    [InlineData("routes: [{exit: mqtt0, when: [{protocl: mqtt}]}]", "routes[0].when[0].protocl: unknown key 'protocl'; did you mean 'protocol'?")]
    public void Load_BadWebSocket_SaysWhatAndWhere(string rest, string expected) =>
        Assert.Equal(
            ["bindings.ws0." + expected],
            Mistakes("  ws0:\n    type: ws\n    kind: server\n    exit: mqtt0\n    " + rest + "\n  mqtt0: {type: mqtt, kind: server, exit: map0}\n" + Map).Where(line => !line.Contains("defaults.", StringComparison.Ordinal)));

    [Theory]
    [InlineData("exit: ws0, options: {versions: [h2]}", "options.versions: a WebSocket over h2 is not supported yet: a ws server needs 'http/1.1'")]
    [InlineData("exit: ws0, options: {limits: {event-streams: 1}}", "options.limits: 'limits' of an http server are not supported yet before a ws server: an mqtt server has limits of its own")]
    public void Load_HttpBeforeAWebSocket_DoesWhatIsBuilt(string rest, string expected) =>
        Assert.Equal(
            ["bindings.http0." + expected],
            Mistakes("  http0: {type: http, kind: server, " + rest + "}\n  ws0: {type: ws, kind: server, exit: mqtt0}\n  mqtt0: {type: mqtt, kind: server, exit: map0}\n" + Map));

    [Fact]
    public void Load_Client_IsNotSupportedYet() => Assert.Equal(
        ["bindings.mqtt0.type: the binding type 'mqtt' with kind 'client' is not supported yet"],
        Mistakes("  mqtt0: {type: mqtt, kind: client, exit: tcp9}\n"));

    /// <summary>Without line and column, which the tests of the loader have.</summary>
    private static IEnumerable<string> Mistakes(string bindings, string kafka = Kafka) =>
        Loader.Mistakes("name: test\nbindings:\n" + bindings + kafka).Select(line => line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]);
}
