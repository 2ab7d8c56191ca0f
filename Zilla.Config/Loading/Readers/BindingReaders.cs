using Zilla.Config.Bindings;

namespace Zilla.Config.Loading.Readers;

/// <summary>The binding types that are built here, by type and kind; each reader has taken every key it knows when it returns.</summary>
internal static class BindingReaders
{
    private static readonly Dictionary<(string Type, string Kind), Func<BindingNode, BindingConfig>> All = new()
    {
        [("tcp", "server")] = TcpReader.Server,
        [("tcp", "client")] = TcpReader.Client,
        [("proxy", "server")] = ProxyReader.Server,
        [("tls", "server")] = TlsReader.Server,
        [("tls", "client")] = TlsReader.Client,
        [("http", "server")] = HttpReader.Server,
        [("echo", "server")] = EchoReader.Server,
        [("http-kafka", "proxy")] = HttpKafkaReader.Proxy,
        [("http-filesystem", "proxy")] = FilesystemReader.HttpProxy,
        [("filesystem", "server")] = FilesystemReader.Server,
        [("sse", "server")] = SseReader.Server,
        [("sse-kafka", "proxy")] = SseReader.KafkaProxy,
        [("ws", "server")] = WsReader.Server,
        [("mqtt", "server")] = MqttReader.Server,
        [("mqtt-kafka", "proxy")] = MqttKafkaReader.Proxy,
        [("grpc", "server")] = GrpcReader.Server,
        [("grpc-kafka", "proxy")] = GrpcKafkaReader.Proxy,
        [("grpc", "client")] = GrpcReader.Client,
        [("http", "client")] = HttpReader.Client,
        [("kafka-grpc", "remote_server")] = KafkaGrpcReader.RemoteServer,
        [("kafka", "cache_client")] = KafkaReader.CacheClient,
        [("kafka", "cache_server")] = KafkaReader.CacheServer,
        [("kafka", "client")] = KafkaReader.Client,
    };

    public static Func<BindingNode, BindingConfig>? Find(string type, string kind) => All.GetValueOrDefault((type, kind));
}
