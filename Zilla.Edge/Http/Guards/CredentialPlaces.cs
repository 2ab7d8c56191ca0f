using Zilla.Config.Bindings;

namespace Zilla.Edge.Http.Guards;

/// <summary>Where requests carry credentials (reference §2.4): headers are looked at first, then the query, then cookies.</summary>
public sealed class CredentialPlaces
{
    private readonly IReadOnlyList<CredentialTemplate> _headers;
    private readonly IReadOnlyList<CredentialTemplate> _query;
    private readonly IReadOnlyList<CredentialTemplate> _cookies;

    /// <exception cref="FormatException">A template holds no credentials.</exception>
    public CredentialPlaces(HttpAuthorization authorization)
    {
        (_headers, _query, _cookies) = (Templates(authorization.Headers), Templates(authorization.Query), Templates(authorization.Cookies));
    }

    /// <summary>
    /// Null: there are none. A query parameter that may hold some is taken out of the path that goes on: what comes after routes by it, logs it and
    /// may write it to Kafka.
    /// </summary>
    public string? Take(Exchange exchange)
    {
        var request = exchange.Request;
        string? found = null;
        foreach (var header in _headers)
        {
            found ??= Find(header, request.Headers[header.Name]);
        }

        foreach (var parameter in _query)
        {
            found ??= Find(parameter, request.Query[parameter.Name]);
            exchange.Path = QueryText.Without(exchange.Path, parameter.Name);
        }

        foreach (var cookie in _cookies)
        {
            found ??= cookie.TryFind(request.Cookies[cookie.Name], out var credentials) ? credentials : null;
        }

        return found;
    }

    private static string? Find(CredentialTemplate template, IEnumerable<string?> values)
    {
        foreach (var value in values)
        {
            if (template.TryFind(value, out var credentials))
            {
                return credentials;
            }
        }

        return null;
    }

    private static CredentialTemplate[] Templates(IReadOnlyDictionary<string, string> places) => [.. places.Select(place => new CredentialTemplate(place.Key, place.Value))];
}
