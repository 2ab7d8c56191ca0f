using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Apis;

/// <summary>One request kind: which versions of it are spoken and what answers it.</summary>
internal interface IApi
{
    ApiVersionRange Versions { get; }

    /// <summary>Reads the request's body and writes the response's. Requests of one connection are handled one after the other.</summary>
    ValueTask HandleAsync(ApiCall call, CancellationToken cancellation);
}

/// <summary>The versions of one request kind; from <paramref name="FlexibleFrom"/> on with compact lengths and tagged fields.</summary>
internal readonly record struct ApiVersionRange(ApiKey Key, short Minimum, short Maximum, short FlexibleFrom)
{
    public bool Includes(short version) => version >= Minimum && version <= Maximum;
}
