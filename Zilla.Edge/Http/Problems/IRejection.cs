using Microsoft.AspNetCore.Http;
using Zilla.Streams;

namespace Zilla.Edge.Http.Problems;

/// <summary>How a client is told that its request is not served, in the words of its protocol. Once the response has begun all that is left is to break it off.</summary>
public interface IRejection
{
    /// <param name="context">The request. Headers of the response that go with the status, such as Retry-After, are set.</param>
    /// <param name="status">Of HTTP, 400 to 599.</param>
    /// <param name="detail">The cause, for the client.</param>
    Task RejectAsync(HttpContext context, int status, string detail);

    /// <summary>The cache has broken or refused what the request needed.</summary>
    Task RejectAsync(HttpContext context, StreamBrokenException broken);
}
