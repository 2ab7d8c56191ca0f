using Zilla.Config.Bindings;
using Zilla.Config.Loading;

namespace Zilla.Config.Validation;

/// <summary>A binding exits to one that understands its streams. This also rules circles out.</summary>
internal sealed class ExitKindFits : IConfigurationRule
{
    private static readonly Dictionary<Type, Type[]> Exits = new()
    {
        [typeof(TcpServerBinding)] = [typeof(HttpServerBinding), typeof(TlsServerBinding), typeof(EchoBinding), typeof(ProxyServerBinding), typeof(MqttServerBinding)],
        [typeof(ProxyServerBinding)] = [typeof(HttpServerBinding), typeof(TlsServerBinding), typeof(EchoBinding), typeof(MqttServerBinding)],
        [typeof(TlsServerBinding)] = [typeof(HttpServerBinding), typeof(MqttServerBinding)],
        [typeof(HttpServerBinding)] = [typeof(HttpKafkaBinding), typeof(SseServerBinding), typeof(HttpFilesystemBinding), typeof(EchoBinding), typeof(WsServerBinding), typeof(GrpcServerBinding)],
        [typeof(HttpKafkaBinding)] = [typeof(KafkaCacheClientBinding)],
        [typeof(HttpFilesystemBinding)] = [typeof(FilesystemBinding)],
        [typeof(SseServerBinding)] = [typeof(SseKafkaBinding)],
        [typeof(SseKafkaBinding)] = [typeof(KafkaCacheClientBinding)],
        [typeof(WsServerBinding)] = [typeof(MqttServerBinding)],
        [typeof(MqttServerBinding)] = [typeof(MqttKafkaBinding)],
        [typeof(MqttKafkaBinding)] = [typeof(KafkaCacheClientBinding)],
        [typeof(GrpcServerBinding)] = [typeof(GrpcKafkaBinding), typeof(GrpcClientBinding)],
        [typeof(GrpcClientBinding)] = [typeof(HttpClientBinding)],
        [typeof(HttpClientBinding)] = [typeof(TlsClientBinding), typeof(TcpClientBinding)],
        [typeof(KafkaGrpcBinding)] = [typeof(GrpcClientBinding)],
        [typeof(GrpcKafkaBinding)] = [typeof(KafkaCacheClientBinding)],
        [typeof(KafkaCacheClientBinding)] = [typeof(KafkaCacheServerBinding)],
        [typeof(KafkaCacheServerBinding)] = [typeof(KafkaClientBinding)],
        [typeof(KafkaClientBinding)] = [typeof(TcpClientBinding), typeof(TlsClientBinding)],
        [typeof(TlsClientBinding)] = [typeof(TcpClientBinding)],
    };

    public void Check(ZillaConfiguration configuration, Findings findings)
    {
        foreach (var binding in configuration.Bindings.Values)
        {
            if (!Exits.TryGetValue(binding.GetType(), out var fitting))
            {
                continue;
            }

            foreach (var (exit, at) in binding.Exits())
            {
                if (configuration.Bindings.TryGetValue(exit, out var target) && target is not UnsupportedBinding && !fitting.Contains(target.GetType()))
                {
                    findings.Report(at, $"a {binding.TypeAndKind()} cannot exit to '{exit}', a {target.TypeAndKind()}: "
                        + $"expected {string.Join(" or ", fitting.Select(type => BindingGraph.TypeAndKind(type)))}");
                }
            }
        }
    }
}
