using Microsoft.AspNetCore.Http;

namespace Zilla.Edge.Calls;

/// <summary>What pages of other origins may read of a response: gRPC-Web's clients look there for the status of a call that has no messages.</summary>
public static class ExposedHeaders
{
    private const string OfCalls = "grpc-status, grpc-message, grpc-status-details-bin", Any = "*";

    /// <summary>Adds them to those that the http server's policy names; without such a list it exposes all, or nothing to anybody.</summary>
    public static void Add(HttpResponse response)
    {
        if (response.Headers.AccessControlExposeHeaders.ToString() is { Length: > 0 } named && named != Any)
        {
            response.Headers.AccessControlExposeHeaders = $"{named}, {OfCalls}";
        }
    }
}
