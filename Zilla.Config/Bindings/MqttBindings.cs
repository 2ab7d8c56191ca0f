using Zilla.Config.Models;

namespace Zilla.Config.Bindings;

/// <summary>Reference §2.11.</summary>
public sealed record MqttServerBinding : BindingConfig
{
    /// <summary>Among "v3.1.1" and "v5"; default both.</summary>
    public IReadOnlyList<string> Versions { get; init; } = ["v3.1.1", "v5"];

    /// <summary>Null = clients are not asked who they are.</summary>
    public MqttAuthorization? Authorization { get; init; }

    /// <summary>What messages have to be, by topic; the first that fits counts.</summary>
    public IReadOnlyList<MqttTopicModels> Topics { get; init; } = [];

    public MqttLimits Limits { get; init; } = new();

    public IReadOnlyList<MqttRoute> Routes { get; init; } = [];
}

/// <summary>
/// The field of CONNECT that carries what a guard decides about: exactly one of the two is set. It says what the field looks like, with
/// <c>{credentials}</c> once for the credentials themselves, such as <c>Bearer {credentials}</c>.
/// </summary>
public sealed record MqttAuthorization
{
    public required string Guard { get; init; }
    public string? Username { get; init; }
    public string? Password { get; init; }
}

/// <summary>An entry of <c>topics</c>.</summary>
public sealed record MqttTopicModels
{
    /// <summary>A topic filter.</summary>
    public required string Name { get; init; }

    /// <summary>Null = anything.</summary>
    public ModelConfig? Content { get; init; }

    public IReadOnlyDictionary<string, ModelConfig> UserProperties { get; init; } = new Dictionary<string, ModelConfig>();
}

/// <summary>Takes what any of <see cref="When"/> lets through; none = everything.</summary>
public sealed record MqttRoute : RouteConfig
{
    public IReadOnlyList<MqttCondition> When { get; init; } = [];
}

/// <summary>
/// Each capability for itself, as Zilla has it: no <see cref="Session"/> = any client may have its session here; no <see cref="Publish"/>, or no
/// <see cref="Subscribe"/>, = none may publish, or subscribe, by this condition.
/// </summary>
public sealed record MqttCondition
{
    /// <summary>Patterns (<c>*</c>) of client ids, any of them.</summary>
    public IReadOnlyList<string> Session { get; init; } = [];

    public IReadOnlyList<MqttTopicCondition> Subscribe { get; init; } = [];
    public IReadOnlyList<MqttTopicCondition> Publish { get; init; } = [];
}

/// <summary>A topic, or a client's own topic filter, that <see cref="Topic"/> covers.</summary>
public sealed record MqttTopicCondition
{
    /// <summary>A topic filter in which <c>{name}</c> stands for one level and gives it a name.</summary>
    public required string Topic { get; init; }

    /// <summary>
    /// Name in <see cref="Topic"/> → what that level has to be: a text, or <c>${guarded['g'].identity}</c> or an attribute, which the client has to
    /// have. A name that is not here may be anything.
    /// </summary>
    public IReadOnlyDictionary<string, string> Params { get; init; } = new Dictionary<string, string>();
}
