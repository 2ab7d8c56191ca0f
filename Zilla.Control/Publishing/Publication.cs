using System.Security.Cryptography;
using System.Text;
using Zilla.Config;
using Zilla.Config.Loading;
using Zilla.Config.Plans;
using Zilla.Config.Plans.V1;

namespace Zilla.Control.Publishing;

/// <summary>A configuration in force, with the plans made from it.</summary>
/// <param name="Id">Epoch and revision.</param>
/// <param name="Configuration">What the text says.</param>
/// <param name="Text">As it was read, for those who may see secrets.</param>
/// <param name="ShownText">The same with literal secrets masked; <c>${{env.…}}</c> is replaced in neither.</param>
/// <param name="At">When it was published by this process.</param>
/// <param name="Plans">One a service.</param>
internal sealed record Published(
    PlanId Id, ZillaConfiguration Configuration, string Text, string ShownText, DateTimeOffset At, IReadOnlyDictionary<string, ServicePlan> Plans)
{
    public long Revision => Id.Revision;

    /// <summary>Entity tag of <see cref="Text"/>, quotes included.</summary>
    public string Tag { get; } = MakeTag(Id, Text);

    /// <summary>Entity tag of <see cref="ShownText"/>.</summary>
    public string ShownTag { get; } = MakeTag(Id, ShownText);

    /// <summary>Both change with the revision, and when the text changes that leaves the revision as it is.</summary>
    private static string MakeTag(PlanId id, string text) =>
        $"\"{id.Epoch[..Math.Min(8, id.Epoch.Length)]}.{id.Revision}.{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16]}\"";
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

    /// <summary>When what is in force was put; null = it comes from the source.</summary>
    public DateTimeOffset? PutAt { get; init; }

    /// <summary>Null once something was published after it.</summary>
    public RefusedPut? RefusedPut { get; init; }
}
