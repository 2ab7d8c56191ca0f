using Microsoft.AspNetCore.Http;

namespace Zilla.ServiceDefaults.Channel;

/// <summary>Stands before what a service serves to the others: lets calls with the key in, answers all others with gRPC's UNAUTHENTICATED.</summary>
internal sealed class ChannelGate(ChannelKeys keys, ChannelRefusals refusals)
{
    /// <summary>gRPC's number for UNAUTHENTICATED.</summary>
    private const string Unauthenticated = "16";

    private const string Remedy = "Zilla__Channel__Key (or what Zilla__Channel__KeyFile holds) has to be the same for every service of a suite.";

    public RequestDelegate Before(RequestDelegate serve) => keys.AreSet
        ? context => keys.Accept(context.Request.Headers.Authorization.ToString()) ? serve(context) : RefuseAsync(context)
        : serve;

    private Task RefuseAsync(HttpContext context)
    {
        var missing = context.Request.Headers.Authorization.Count == 0;
        refusals.Add(context, missing ? "missing" : "wrong");

        // An answer of nothing but trailers: they are the header fields then.
        context.Response.ContentType = "application/grpc";
        context.Response.Headers["grpc-status"] = Unauthenticated;
        context.Response.Headers["grpc-message"] = (missing ? "The call has no key: " : "The call has another key than this service: ") + Remedy;
        return context.Response.StartAsync(context.RequestAborted);
    }
}
