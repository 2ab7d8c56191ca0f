using System.Collections.Frozen;
using System.Net;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Apis;

/// <summary>
/// All request kinds by key. Runs one whole request: header, version check, body, and the response's header. A key or version that is not in
/// the table is a <see cref="ProtocolException"/> (the protocol has no answer to it), but for ApiVersions, whose version 0 answers any.
/// </summary>
internal sealed class ApiTable
{
    private readonly FrozenDictionary<ApiKey, IApi> _apis;

    public ApiTable(IEnumerable<IApi> apis)
    {
        _apis = apis.Append(new ApiVersionsApi(() => Ranges ?? [])).ToFrozenDictionary(api => api.Versions.Key);
        Ranges = [.. _apis.Values.Select(api => api.Versions).OrderBy(range => range.Key)];
    }

    public IReadOnlyList<ApiVersionRange> Ranges { get; }

    /// <summary>Answers <paramref name="request"/> (without its length) in <paramref name="response"/>; false when it wants no answer.</summary>
    public async ValueTask<bool> HandleAsync(ReadOnlyMemory<byte> request, IPAddress client, WireWriter response, CancellationToken cancellation)
    {
        var reader = new WireReader(request);
        var header = RequestHeader.Read(reader);
        if (!_apis.TryGetValue(header.Key, out var api))
        {
            throw new ProtocolException($"unknown API key {(short)header.Key}");
        }

        response.Int32(0); // the length, filled in at the end
        response.Int32(header.CorrelationId);
        if (!api.Versions.Includes(header.Version))
        {
            if (header.Key != ApiKey.ApiVersions)
            {
                throw new ProtocolException($"{header.Key} version {header.Version} is not supported");
            }

            ApiVersionsApi.WriteUnsupported(response, Ranges);
            return true;
        }

        var clientId = reader.LegacyNullableString();
        reader.Flexible = response.Flexible = header.Version >= api.Versions.FlexibleFrom;
        reader.Tags();
        if (header.Key != ApiKey.ApiVersions)
        {
            response.Tags();
        }

        var call = new ApiCall(header, clientId, client, reader, response);
        await api.HandleAsync(call, cancellation);
        return !call.Unanswered;
    }
}
