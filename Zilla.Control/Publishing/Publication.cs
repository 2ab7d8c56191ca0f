using Zilla.Config.Loading;
using Zilla.Config.Plans;
using Zilla.Config.Plans.V1;

namespace Zilla.Control.Publishing;

/// <summary>A configuration in force, with the plans made from it.</summary>
/// <param name="Id">Epoch and revision.</param>
/// <param name="Namespace">The configuration's name.</param>
/// <param name="Text">As it was read, literal secrets masked; <c>${{env.…}}</c> not replaced.</param>
/// <param name="At">When it was published by this process.</param>
/// <param name="Plans">One a service.</param>
internal sealed record Published(PlanId Id, string Namespace, string Text, DateTimeOffset At, IReadOnlyDictionary<string, ServicePlan> Plans)
{
    public long Revision => Id.Revision;
}

/// <summary>
/// What Control knows at one moment. <see cref="Problem"/> is about the last reading of the source; it does not touch what is in force.
/// </summary>
internal sealed record Publication
{
    /// <summary>Null until there was a configuration without mistakes.</summary>
    public Published? Published { get; init; }

    /// <summary>What was published last from this source by a Control before this one; what services may start from meanwhile.</summary>
    public PlanId? Before { get; init; }

    /// <summary>In one line; null if the last reading is what is in force.</summary>
    public string? Problem { get; init; }

    /// <summary>The mistakes of the last reading.</summary>
    public IReadOnlyList<ConfigurationError> Errors { get; init; } = [];
}
