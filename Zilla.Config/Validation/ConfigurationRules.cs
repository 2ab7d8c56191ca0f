using Zilla.Config.Loading;

namespace Zilla.Config.Validation;

internal static class ConfigurationRules
{
    private static readonly IConfigurationRule[] All =
    [
        new LeadsSomewhere(),
        new ExitExists(),
        new ExitKindFits(),
        new PortsDoNotCollide(),
        new PathPatternIsWellFormed(),
        new PatternIsWellFormed(),
        new ExpressionIsKnown(),
        new TopicNameIsLegal(),
        new ClusterIsUnambiguous(),
        new ClusterHasServers(),
        new ServerNameIsDialled(),
        new BrokerTlsFits(),
        new ServiceIsDialled(),
        new OverridesFit(),
        new VaultHoldsWhatIsNamed(),
        new GuardFits(),
        new RoleIsWellFormed(),
        new IdentityIsKnown(),
        new ListenerHasOneEdge(),
        new WebSocketIsPlain(),
        new TopicPatternIsWellFormed(),
        new MqttTopicsFit(),
        new KafkaGrpcFits(),
        new KafkaGrpcExitFits(),
    ];

    public static void Check(ZillaConfiguration configuration, Findings findings)
    {
        foreach (var rule in All)
        {
            rule.Check(configuration, findings);
        }
    }
}
