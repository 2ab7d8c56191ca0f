namespace Zilla.Streams.Mqtt;

/// <summary>The topic that says which replica owns the sessions of which partition; see docs/mqtt.md.</summary>
public static class OwnersTopic
{
    /// <summary>The owners topic of a sessions topic.</summary>
    public static string Of(string sessionsTopic) => sessionsTopic + "-owners";
}
