using System.Text;
using Zilla.EdgeGrpc.Calls;

namespace Zilla.EdgeGrpc.Proxy;

/// <summary>The metadata of a call as its service gets them: the client's, and where it came from.</summary>
/// <remarks><c>x-forwarded-for</c> grows by the client's address: what stands before it was there when the call came. The rest is the gateway's alone to say.</remarks>
internal static class ProxyMetadata
{
    private const string ForwardedFor = "x-forwarded-for", ForwardedProto = "x-forwarded-proto", ForwardedHost = "x-forwarded-host";

    public static IEnumerable<Metadatum> Of(Call call)
    {
        var request = call.Exchange.Request;
        foreach (var metadatum in call.Metadata)
        {
            if (metadatum.Name is not (ForwardedFor or ForwardedProto or ForwardedHost))
            {
                yield return metadatum;
            }
        }

        if (request.HttpContext.Connection.RemoteIpAddress is { } address)
        {
            var from = (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString();
            yield return Text(ForwardedFor, request.Headers[ForwardedFor] is { Count: > 0 } before ? $"{string.Join(", ", before.AsEnumerable())}, {from}" : from);
        }

        yield return Text(ForwardedProto, request.Scheme);
        if (request.Host is { HasValue: true, Value: var host })
        {
            yield return Text(ForwardedHost, host);
        }
    }

    private static Metadatum Text(string name, string value) => new(name, Encoding.Latin1.GetBytes(value));
}
