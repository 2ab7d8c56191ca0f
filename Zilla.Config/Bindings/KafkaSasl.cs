using Zilla.Config.Guards;

namespace Zilla.Config.Bindings;

public enum KafkaSaslMechanism
{
    Plain,
    ScramSha256,
    ScramSha512,
    OAuthBearer,
}

/// <summary>How a kafka client proves who it is (reference §0 and §2.13).</summary>
public sealed record KafkaSasl
{
    public required KafkaSaslMechanism Mechanism { get; init; }

    /// <summary>Plain and SCRAM. In a binding it may hold <c>{identity}</c> and <c>{credentials}</c> of <see cref="Guard"/>; in a plan no longer.</summary>
    public string? Username { get; init; }

    /// <inheritdoc cref="Username"/>
    public string? Password { get; init; }

    /// <summary>OAuthBearer: the token as it is sent; placeholders as above.</summary>
    public string? Token { get; init; }

    /// <summary>2.x: the inline guard that the placeholders stand for; null in a plan.</summary>
    public string? Guard { get; init; }

    /// <summary>With the placeholders replaced by what the guard holds.</summary>
    public KafkaSasl With(InlineGuard guard)
    {
        string? Filled(string? text) => text is null ? null
            : string.Join(guard.Credentials, text.Split("{credentials}").Select(part => part.Replace("{identity}", guard.Identity, StringComparison.Ordinal)));
        return this with { Username = Filled(Username), Password = Filled(Password), Token = Filled(Token), Guard = null };
    }

    /// <summary>Says nothing secret: records are logged whole.</summary>
    public override string ToString() => $"{Mechanism} {Username}";
}
