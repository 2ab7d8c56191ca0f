using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Zilla.Config.Bindings;
using Zilla.Config.Guards;
using Zilla.Config.Models;
using Zilla.Config.Plans;
using Zilla.Config.Vaults;

namespace Zilla.Config.Tests.Plans;

public sealed class PlanJsonTests
{
    [Fact]
    public void Deserialize_AbsentMembers_TakeTheirDefaults()
    {
        var plan = PlanJson.Deserialize("""
            {"revision":1,"namespace":"n","bindings":[{"binding":"sse server","name":"s"},{"binding":"http server","name":"h","exit":"s"}]}
            """u8);

        Assert.Empty(plan.Listeners);
        Assert.Empty(plan.Clusters);
        var sse = Assert.IsType<SseServerBinding>(plan.Bindings[0]);
        Assert.Equal(TimeSpan.FromSeconds(2), sse.Retry);
        Assert.Equal(["http/1.1", "h2"], Assert.IsType<HttpServerBinding>(plan.Bindings[1]).Versions);
    }

    [Fact]
    public void Deserialize_UnknownMember_IsRefused() =>
        Assert.Throws<JsonException>(() => PlanJson.Deserialize(Encoding.UTF8.GetBytes("""{"revision":1,"namespace":"n","strangers":[]}""")));

    [Fact]
    public void Serialize_EveryBindingWithEveryMember_ComesBackAsItWas()
    {
        KafkaTopicConfig[] topics = [new() { Name = "t-*", DefaultOffset = KafkaDefaultOffset.Live }];
        KafkaFilterConfig[] filters = [new() { Key = "${params.id}", Headers = new Dictionary<string, string> { ["h"] = "v" } }];
        HttpKafkaCondition[] when = [new() { Method = "GET", Path = "/{id}" }];
        KafkaRoute[] routes = [new() { Exit = "x", Topics = ["t"] }];
        var tls = new TlsClientBinding { Name = "s", Exit = "n", Vault = "v", Keys = ["k"], Signers = ["s"], Trust = ["t"], TrustCaCerts = false, ServerNames = ["h"], Alpn = ["h2"], OnlyTls12 = true };
        FilesystemVault vault = new() { Name = "v", Keys = new() { Path = "/k", Password = "p", Entries = ["a"] }, Trust = new() { Path = "/t" }, Signers = new() { Path = "/s" } };
        GrpcCondition[] call = [new() { Method = "p.S/*", Metadata = new Dictionary<string, ReadOnlyMemory<byte>> { ["m"] = "v"u8.ToArray() } }];
        BindingConfig[] bindings =
        [
            new TcpServerBinding { Name = "a", Exit = "b", Host = "::1", Ports = [1, 2], Limits = new() { Connections = 1, ConnectionsPerAddress = 2 }, Routes = [new() { Exit = "b", Ports = [1] }] },
            new ProxyServerBinding
            {
                Name = "p",
                Routes =
                [
                    new()
                    {
                        Exit = "b",
                        When =
                        [
                            new()
                            {
                                Transport = ProxyTransport.Datagram,
                                Family = ProxyFamily.Unix,
                                Source = new() { Host = "::1", Ports = [1] },
                                Destination = new() { Host = "10.0.0.0/8", Ports = [2] },
                                Alpn = "h2",
                                Authority = "a",
                                Identity = "i",
                                Namespace = "n",
                                Secure = new() { Version = "v", Cipher = "c", Key = "k", Name = "n", Signature = "s" },
                            },
                        ],
                    },
                ],
            },
            new TlsServerBinding
            {
                Name = "t",
                Exit = "b",
                Vault = "v",
                Keys = ["k"],
                Signers = ["s"],
                Trust = ["t"],
                TrustCaCerts = false,
                ServerNames = ["h"],
                Alpn = ["h2"],
                Mutual = TlsMutual.Requested,
                Guard = "x",
                OnlyTls12 = true,
                Routes = [new() { Exit = "b", When = [new() { Authority = "*.example", Alpn = "h2", Ports = [1] }] }],
            },
            tls,
            new HttpServerBinding
            {
                Name = "b",
                Versions = ["h2"],
                CrossOrigin = new CrossOriginPolicy { AllowOrigins = ["o"], AllowMethods = ["m"], AllowHeaders = ["h"], AllowCredentials = true, MaxAge = TimeSpan.FromSeconds(5), ExposeHeaders = ["e"] },
                Authorization = new HttpAuthorization
                {
                    Guard = "j",
                    Headers = new Dictionary<string, string> { ["h"] = "{credentials}" },
                    Query = new Dictionary<string, string> { ["q"] = "{credentials}" },
                    Cookies = new Dictionary<string, string> { ["c"] = "{credentials}" },
                },
                Limits = new()
                {
                    Rate = new() { Requests = 1, Per = TimeSpan.FromMinutes(1), Burst = 2 },
                    RatePerAddress = new() { Requests = 3 },
                    RatePerIdentity = new() { Requests = 4 },
                    ConcurrentRequests = 5,
                    EventStreams = 6,
                },
                Routes = [new() { Exit = "c", Guarded = new Dictionary<string, IReadOnlyList<string>> { ["j"] = ["r"] }, When = [new() { Headers = new Dictionary<string, string> { [":path"] = "/*" } }] }],
            },
            new HttpKafkaBinding
            {
                Name = "c",
                IdempotencyHeader = "i",
                ReplyToHeader = "r",
                CorrelationIdHeader = "c",
                Routes =
                [
                    new() { Exit = "k", When = when, Fetch = new HttpKafkaFetch { Topic = "t", Filters = filters, Merge = true } },
                    new() { Exit = "k", Produce = new HttpKafkaProduce { Topic = "t", Key = "k", Acks = KafkaAcks.LeaderOnly, Overrides = new Dictionary<string, string> { ["h"] = "v" }, ReplyTo = "r", CorrelationIdHeader = "c", Async = new Dictionary<string, string> { ["location"] = "/${correlationId}" } } },
                ],
            },
            new HttpFilesystemBinding { Name = "d", Routes = [new() { Exit = "e", When = when, Path = "p" }] },
            new FilesystemBinding { Name = "e", Location = "/l" },
            new EchoBinding { Name = "echo" },
            new SseServerBinding { Name = "f", Retry = TimeSpan.Zero, Routes = [new() { Exit = "g", Paths = ["/p"] }] },
            new SseKafkaBinding { Name = "g", Routes = [new() { Exit = "k", Paths = ["/p"], Topic = "t", Filters = filters, EventIdWithKey = true }] },
            new WsServerBinding
            {
                Name = "w",
                Routes = [new() { Exit = "q", Guarded = new Dictionary<string, IReadOnlyList<string>> { ["x"] = [] }, When = [new() { Protocol = "mqtt", Scheme = "https", Authority = "*.example", Path = "/m" }] }],
            },
            new MqttServerBinding
            {
                Name = "q",
                Versions = ["v5"],
                Authorization = new() { Guard = "j", Username = "{credentials}", Password = "Bearer {credentials}" },
                Topics = [new() { Name = "t/#", Content = new StringModel { Model = "string" }, UserProperties = new Dictionary<string, ModelConfig> { ["p"] = new PlainModel { Model = "bytes" } } }],
                Limits = new()
                {
                    Clients = 1,
                    Rate = new() { Requests = 2 },
                    RatePerAddress = new() { Requests = 3 },
                    RatePerIdentity = new() { Requests = 4 },
                    Packet = 5,
                    ReceiveMaximum = 6,
                    TopicAliases = 7,
                    KeepAlive = TimeSpan.FromSeconds(8),
                    SessionExpiry = TimeSpan.FromDays(9),
                },
                Routes =
                [
                    new()
                    {
                        Exit = "r",
                        Guarded = new Dictionary<string, IReadOnlyList<string>> { ["j"] = ["r"] },
                        When = [new() { Session = ["c*"], Subscribe = [new() { Topic = "s/{i}", Params = new Dictionary<string, string> { ["i"] = "1" } }], Publish = [new() { Topic = "p" }] }],
                    },
                ],
            },
            new MqttKafkaBinding
            {
                Name = "r",
                Exit = "k",
                Topics = new() { Sessions = "s", Messages = "m", Retained = "t" },
                Clients = ["c/{identity}/#"],
                MaxPublishQos = MqttQos.AtLeastOnce,
                Routes = [new() { Exit = "k", Messages = "m-${params.i}", When = [new() { Publish = ["p/{i}"], Subscribe = ["s/{i}"] }] }],
            },
            new GrpcClientBinding { Name = "gc", Exit = "hc", MaxMessage = 3, Routes = [new() { Exit = "hc", Guarded = new Dictionary<string, IReadOnlyList<string>> { ["j"] = [] }, When = call }] },
            new HttpClientBinding
            {
                Name = "hc",
                Exit = "tc",
                Overrides = new Dictionary<string, string> { [":authority"] = "a" },
                Routes = [new() { Exit = "tc", When = [new() { Headers = new Dictionary<string, string> { [":path"] = "/{i}" } }], Overrides = new Dictionary<string, string> { ["h"] = "${params.i}" } }],
            },
            new GrpcServerBinding
            {
                Name = "gs",
                Schemas = [new("c", "s", "1")],
                Services = ["/p.proto"],
                Descriptors = new byte[] { 1, 2 },
                MaxMessage = 3,
                Reflection = false,
                Routes = [new() { Exit = "gk", Guarded = new Dictionary<string, IReadOnlyList<string>> { ["j"] = [] }, When = call }],
            },
            new GrpcKafkaBinding
            {
                Name = "gk",
                ReliabilityField = 4,
                ReliabilityMetadata = "r",
                IdempotencyMetadata = "i",
                Correlation = new() { Service = "s", Method = "m", CorrelationId = "c", ReplyTo = "t" },
                Routes =
                [
                    new() { Exit = "k", When = call, Fetch = new() { Topic = "t", Filters = filters } },
                    new() { Exit = "k", Produce = new() { Topic = "t", Acks = KafkaAcks.None, Key = "k", Overrides = new Dictionary<string, string> { ["h"] = "v" }, ReplyTo = "r" } },
                ],
            },
            new KafkaGrpcBinding
            {
                Name = "kg",
                Entry = "k",
                Acks = KafkaAcks.None,
                IdempotencyMetadata = "i",
                Correlation = new() { Service = "s", Method = "m", CorrelationId = "c", ReplyTo = "t" },
                DeadLetter = "d",
                Routes =
                [
                    new()
                    {
                        Exit = "gc",
                        When = [new() { Topic = "t", ReplyTo = "r", Key = "k", Headers = new Dictionary<string, string> { ["h"] = "v" }, Method = "p.S/*" }],
                        Scheme = "https",
                        Authority = "a:1",
                    },
                ],
            },
            new KafkaCacheClientBinding { Name = "k", Exit = "l", Topics = topics, Routes = routes },
            new KafkaCacheServerBinding { Name = "l", Exit = "m", Bootstrap = ["t"], Topics = topics, Routes = routes },
            new KafkaClientBinding { Name = "m", Exit = "n", Servers = ["h:1"], Routes = routes },
            new TcpClientBinding { Name = "n", Host = "h", Ports = [1] },
        ];

        // A binding type that is added without a line above fails here.
        Assert.Equal(
            typeof(BindingConfig).GetCustomAttributes<JsonDerivedTypeAttribute>().Select(attribute => attribute.DerivedType.Name).Order(),
            bindings.Select(binding => binding.GetType().Name).Order());

        var plan = new ServicePlan
        {
            Revision = long.MaxValue,
            Namespace = "n",
            Handovers = ["gs"],
            Listeners = [new() { Binding = "a", Host = "::1", Ports = [1, 2], Limits = new() { Connections = 1, ConnectionsPerAddress = 2 } }],
            Bindings = bindings,
            Vaults = [vault],
            Guards =
            [
                new JwtGuard
                {
                    Name = "j",
                    Issuer = "i",
                    Audience = "a",
                    KeysUrl = new Uri("https://i/keys"),
                    Keys = [new() { Kid = "1", Kty = "EC", Alg = "ES256", Use = "sig", Crv = "P-256", X = "x", Y = "y" }, new() { Kid = "2", Kty = "RSA", N = "n", E = "e" }],
                    Challenge = TimeSpan.FromSeconds(30),
                    Roles = "r",
                    Identity = "s",
                    Attributes = new Dictionary<string, string> { ["a"] = "b" },
                },
                new X509Guard
                {
                    Name = "x",
                    Identity = "subject.cn",
                    Attributes = new Dictionary<string, string> { ["a"] = "subject.o" },
                    Roles = new Dictionary<string, IReadOnlyList<IReadOnlyDictionary<string, string>>> { ["r"] = [new Dictionary<string, string> { ["subject.ou"] = "*" }] },
                },
            ],
            Clusters = new Dictionary<string, string> { ["k"] = "l" },
            CachedClusters = [new() { Name = "l", Servers = ["h:1"], Bootstrap = ["t"], Topics = topics, AllowedTopics = ["t*"], Tls = new() { Binding = tls, Vault = vault }, Sessions = [new() { Namespace = "n", Binding = "r", SessionsTopic = "s", MessagesTopic = "m", RetainedTopic = "t" }], Work = [new() { Group = "zilla:n-kg", Conditions = [new() { Topic = "t", ReplyTo = "r" }], Correlation = new(), DeadLetter = "d" }] }],
        };
        AssertSame(plan, PlanJson.Deserialize(PlanJson.Serialize(plan)), "plan");
    }

    /// <summary>Member by member through everything that a plan holds: records compare their lists by reference, and JSON would hide what it drops.</summary>
    private static void AssertSame(object? expected, object? actual, string path)
    {
        if (expected is null || actual is null || expected is string || expected.GetType().IsPrimitive || expected.GetType().IsEnum || expected is TimeSpan or Uri)
        {
            Assert.True(Equals(expected, actual), $"{path}: expected {expected}, found {actual}");
        }
        else if (expected is ReadOnlyMemory<byte> bytes)
        {
            Assert.True(bytes.Span.SequenceEqual(((ReadOnlyMemory<byte>)actual).Span), path);
        }
        else if (expected is System.Collections.IEnumerable many)
        {
            var (one, other) = (many.Cast<object>().ToList(), ((System.Collections.IEnumerable)actual).Cast<object>().ToList());
            Assert.True(one.Count == other.Count, $"{path}: expected {one.Count}, found {other.Count}");
            foreach (var (index, item) in one.Index())
            {
                AssertSame(item, other[index], $"{path}[{index}]");
            }
        }
        else
        {
            Assert.Equal(expected.GetType(), actual.GetType());
            foreach (var member in expected.GetType().GetProperties())
            {
                AssertSame(member.GetValue(expected), member.GetValue(actual), $"{path}.{member.Name}");
            }
        }
    }
}
