using System.IO.Enumeration;

namespace Zilla.EdgeGrpc.Server;

/// <summary>A condition of a grpc or grpc-kafka route, compiled.</summary>
internal sealed class CallCondition(Config.Bindings.GrpcCondition condition)
{
    private readonly KeyValuePair<string, ReadOnlyMemory<byte>>[] _metadata = [.. condition.Metadata];

    /// <summary>Whether the call meets any of them; where there are none, every call does.</summary>
    public static bool Any(IReadOnlyList<CallCondition> conditions, Calls.Call call)
    {
        for (var i = 0; i < conditions.Count; i++)
        {
            if (conditions[i].Matches(call))
            {
                return true;
            }
        }

        return conditions.Count == 0;
    }

    /// <param name="call">The call.</param>
    public bool Matches(Calls.Call call) => Matches(call.Exchange.Request, call.Path);

    /// <param name="method"><c>package.Service/Method</c></param>
    public bool Matches(string method) => condition.Method is not { } pattern || FileSystemName.MatchesSimpleExpression(pattern, method, ignoreCase: false);

    private bool Matches(HttpRequest request, string method)
    {
        if (!Matches(method))
        {
            return false;
        }

        foreach (var (name, value) in _metadata)
        {
            if (!Calls.CallMetadata.Has(request, name, value.Span))
            {
                return false;
            }
        }

        return true;
    }
}
