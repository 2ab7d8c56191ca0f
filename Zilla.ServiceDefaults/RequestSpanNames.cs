using System.Diagnostics;
using OpenTelemetry;

namespace Zilla.ServiceDefaults;

/// <summary>
/// Names a request's span by method and route (<c>GET /items/{id}</c>), as OpenTelemetry's conventions have it; ASP.NET Core leaves the name of its
/// internal event where no endpoint was routed to.
/// </summary>
internal sealed class RequestSpanNames : BaseProcessor<Activity>
{
    private const string Unnamed = "Microsoft.AspNetCore.Hosting.HttpRequestIn";

    public override void OnEnd(Activity data)
    {
        if (data.DisplayName == Unnamed && data.GetTagItem("http.request.method") is string method)
        {
            data.DisplayName = data.GetTagItem("http.route") is string route ? $"{method} {route}" : method;
        }
    }
}
