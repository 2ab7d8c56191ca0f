using Zilla.Config.Bindings;
using Zilla.Config.Plans;
using Zilla.Edge.Http;
using Zilla.EdgeMqtt.Mapping;
using Zilla.EdgeMqtt.Packets;
using Zilla.EdgeMqtt.Sessions;
using Zilla.EdgeMqtt.WebSockets;

namespace Zilla.EdgeMqtt.Server;

/// <summary>Compiles what the listeners of this edge lead to: mqtt servers, directly or through a WebSocket.</summary>
internal sealed class MqttCompiler(ServicePlan plan, MqttParts parts) : GatewayCompiler(plan, parts)
{
    private readonly string _namespace = plan.Namespace;
    private readonly Dictionary<string, MqttServerModel> _servers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, MqttKafkaModel> _kafkas = new(StringComparer.Ordinal);

    protected override object? Other(BindingConfig binding) => binding is MqttServerBinding server ? Server(server) : null;

    protected override IExchangeHandler Exit(string from, BindingConfig binding) => binding is WsServerBinding ws
        ? new WebSocketServerModel(
            [.. ws.Routes.Select(route => At(ws.Name, () => new WebSocketRouteModel(route, Server(ws.Name, route.Exit))))], ws.Exit is { } exit ? Server(ws.Name, exit) : null, parts)
        : throw Unfit(from, binding);

    private MqttServerModel Server(string from, string name) => Server(Find<MqttServerBinding>(from, name));

    private MqttServerModel Server(MqttServerBinding binding)
    {
        if (!_servers.TryGetValue(binding.Name, out var server))
        {
            var guard = binding.Authorization is { } authorization ? At(binding.Name, () => new MqttGuard(CredentialGuard(binding.Name, authorization.Guard), authorization)) : null;
            var routes = binding.Routes.Select(route => At(binding.Name, () => new MqttRouteModel(route, Kafka(binding.Name, route.Exit))));
            _servers[binding.Name] = server = new MqttServerModel(
                binding, new MqttMetrics(_namespace, binding), guard, parts.Limiters.Compile(binding), [.. routes], binding.Exit is { } exit ? Kafka(binding.Name, exit) : null);
        }

        return server;
    }

    private MqttKafkaModel Kafka(string from, string name)
    {
        if (!_kafkas.TryGetValue(name, out var kafka))
        {
            var binding = Find<MqttKafkaBinding>(from, name);

            // All exits lead to one cluster: a rule of the configuration.
            var cluster = At(name, () => Cluster(binding.Exit ?? binding.Routes.Select(route => route.Exit).FirstOrDefault() ?? throw new FormatException("it leads nowhere")));
            _kafkas[name] = kafka = new MqttKafkaModel(
                name, new SessionSpace(cluster, binding.Topics.Sessions), (QualityOfService)binding.MaxPublishQos, At(name, () => new MessageMapping(cluster, binding)), PlanJson.TextOf(binding));
        }

        return kafka;
    }
}
