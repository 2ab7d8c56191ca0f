using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Zilla.Edge.Http;

/// <summary>Lifts limits of the server for a body that whoever handles it has others for, or keeps nothing of. Before the first byte of it is read or written.</summary>
public static class BodyLimits
{
    /// <summary>Of any size: Kestrel's own limit would answer without a body, or close while the client still sends and has not read the answer.</summary>
    public static void LiftRequestSize(Exchange exchange)
    {
        if (exchange.Context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }
    }

    /// <summary>At any pace: a client that has nothing to say for a while is not to be cut off for it.</summary>
    public static void LiftRequestRate(Exchange exchange)
    {
        if (exchange.Context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }
    }

    /// <summary>A client that reads slowly, or sleeps, stalls itself; it is not to be cut off for it.</summary>
    public static void LiftResponseRate(Exchange exchange)
    {
        if (exchange.Context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }
    }
}
