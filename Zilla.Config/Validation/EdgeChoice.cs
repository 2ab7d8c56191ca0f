using Zilla.Config.Bindings;
using Zilla.Config.Plans;

namespace Zilla.Config.Validation;

/// <summary>Which edge serves what a tcp server leads to: the one whose protocol the way ends in.</summary>
internal static class EdgeChoice
{
    /// <summary>The bindings that decide, each with its edge. Behind http, a ws server is the MQTT edge's, a grpc server the gRPC edge's, and everything else the HTTP edge's.</summary>
    public static IReadOnlyList<(BindingConfig Binding, string Edge)> Of(ZillaConfiguration configuration, BindingConfig from)
    {
        var found = new List<(BindingConfig, string)>();
        var seen = new HashSet<BindingConfig>(ReferenceEqualityComparer.Instance);
        Look(from);
        return found;

        void Look(BindingConfig binding)
        {
            if (!seen.Add(binding))
            {
                return;
            }

            switch (binding)
            {
                case ProxyServerBinding or TlsServerBinding:
                    configuration.Next(binding).ToList().ForEach(Look);
                    break;
                case HttpServerBinding:
                    found.AddRange(configuration.Next(binding).Select(next => (next, next switch
                    {
                        WsServerBinding => ServiceNames.EdgeMqtt,
                        GrpcServerBinding => ServiceNames.EdgeGrpc,
                        _ => ServiceNames.EdgeHttp,
                    })));
                    break;
                case EchoBinding:
                    found.Add((binding, ServiceNames.EdgeHttp));
                    break;
                case MqttServerBinding:
                    found.Add((binding, ServiceNames.EdgeMqtt));
                    break;
            }
        }
    }
}
