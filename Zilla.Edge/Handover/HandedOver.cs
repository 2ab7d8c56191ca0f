using System.Text.Json;
using Zilla.Edge.Guards;
using Zilla.Edge.Http.Guards;

namespace Zilla.Edge.Handover;

/// <summary>
/// What one edge tells another of a request that it hands over: all that it has found out and the request itself does not say. It travels in a header between services that know each other by the channel's key;
/// whatever a client sends by that name is thrown away.
/// </summary>
public sealed record HandedOver
{
    public const string Header = "zilla-handover";

    /// <summary>Longer ones are not sent: the other side's server would refuse them with the connection that others use, too.</summary>
    public const int Longest = 16 << 10;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>Name of the binding that the request left an http server for.</summary>
    public required string Exit { get; init; }

    /// <summary>As the client came: "http" or "https".</summary>
    public required string Scheme { get; init; }

    public required string Host { get; init; }

    /// <summary>The client's; null: not known.</summary>
    public string? Address { get; init; }

    /// <summary>Tells the client's connection apart from others: some limits are a connection's; null: not known.</summary>
    public string? Connection { get; init; }

    /// <summary>The header of that name, whose place the channel's key takes.</summary>
    public string? Authorization { get; init; }

    public Standing Standing { get; init; }

    public IReadOnlyList<HandedGrant> Grants { get; init; } = [];

    public string Encode() => Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(this, Json));

    /// <summary>Null: it is none.</summary>
    public static HandedOver? Decode(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<HandedOver>(Convert.FromBase64String(text), Json);
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            return null;
        }
    }
}

/// <summary>A <see cref="Grant"/>. Nobody asks for newer credentials there.</summary>
public sealed record HandedGrant(string Guard, string? Identity, IReadOnlyList<string> Roles, IReadOnlyDictionary<string, string> Attributes, DateTimeOffset? Expires)
{
    public static HandedGrant Of(Grant grant)
    {
        ArgumentNullException.ThrowIfNull(grant);
        return new(grant.Guard, grant.Identity, [.. grant.Roles], grant.Attributes, grant.Expires);
    }

    public Grant ToGrant() => new(Guard, Identity)
    {
        Roles = Roles.ToHashSet(StringComparer.Ordinal),
        Attributes = Attributes,
        Expires = Expires,
    };
}
