using System.Globalization;
using Zilla.Config.Loading;
using Zilla.Control.Instances;
using Zilla.Control.Publishing;
using Zilla.Control.Sources;

namespace Zilla.Control.Page;

/// <summary><c>GET /</c>: what is in force and where, what is wrong, and the bindings as a graph; rendered here, kept up to date by a few lines of script.</summary>
internal static class StatusPage
{
    public static void MapPage(this WebApplication app) => app.MapGet("/", (HttpContext context, PublicationHolder holder, InstanceBoard board, ConfigurationFeed feed) =>
    {
        context.Response.Headers.ContentSecurityPolicy = PageAssets.Policy;
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        context.Response.Headers.CacheControl = "no-store";
        return Results.Text(Render(holder.Current, board.All, feed.Source).ToString(), "text/html; charset=utf-8");
    });

    internal static Markup Render(Publication publication, IReadOnlyList<InstanceStatus> instances, ConfigurationSource source)
    {
        var services = ServiceState.All(publication, instances);
        var name = publication.Published?.Configuration.Name ?? "nothing in force";
        return Markup.Of($"""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{name} – Zilla</title><style>{Markup.Constant(PageAssets.Style)}</style></head>
            <body><main>
            <header><h1>{name}</h1>{Force(publication, services)}<span class="dim">{Origin(publication, source)}</span><span id="stale" class="pill bad">Control does not answer</span></header>
            {Problem(publication)}
            {Refused(publication)}
            {Graph(publication, services)}
            {Markup.Join(services.Where(service => service.HasWork || service.Instances.Count > 0).Select(Service))}
            </main><script>{Markup.Constant(PageAssets.Script)}</script></body></html>
            """);
    }

    private static Markup Force(Publication publication, IReadOnlyList<ServiceState> services)
    {
        if (publication.Published is not { } published)
        {
            return Markup.Of($"""<span class="pill bad">no revision</span>""");
        }

        var working = services.Where(service => service.HasWork).ToList();
        var style = working.Any(service => service.Style == "bad") ? "bad" : working.Any(service => service.Style != "good") ? "wait" : "good";
        var text = style switch { "bad" => "refused by a service", "wait" => "not everywhere yet", _ => "in force everywhere" };
        return Markup.Of($"""<span class="pill {style}">revision {published.Revision}: {text}</span>""");
    }

    private static string Origin(Publication publication, ConfigurationSource source) => publication switch
    {
        { Published: { } published, PutAt: { } put } => $"put {Time(put)}, in place of {Named(source)}; published {Time(published.At)}",
        { Published: { } published } => $"{Named(source)}; published {Time(published.At)}",
        _ => Named(source),
    };

    private static string Named(ConfigurationSource source) => source.Name.Length > 0 ? source.Name : "no file";

    private static Markup Problem(Publication publication) => publication.Problem is not { } problem ? Markup.Empty : Markup.Of($"""
        <section class="alarm"><h2 class="bad">What the source says is not in force</h2>{(publication.Errors.Count == 0 ? Markup.Of($"<p>{problem}</p>") : Mistakes(publication.Errors))}</section>
        """);

    private static Markup Refused(Publication publication) => publication.RefusedPut is not { } refused ? Markup.Empty : Markup.Of($"""
        <section class="alarm"><h2 class="bad">A configuration that was put {Time(refused.At)} is refused</h2>{Mistakes(refused.Errors)}</section>
        """);

    private static Markup Mistakes(IReadOnlyList<ConfigurationError> errors) => Markup.Of($"""
        <table><tr><th>line</th><th>where</th><th>what</th></tr>{Markup.Join(errors.Select(error => Markup.Of(
            $"""<tr><td class="place">{error.Line}:{error.Column}</td><td class="place">{error.Path}</td><td class="wide">{error.Message}</td></tr>""")))}</table>
        """);

    private static Markup Graph(Publication publication, IReadOnlyList<ServiceState> services)
    {
        if (publication.Published is not { Configuration: { Bindings.Count: > 0 } configuration } published)
        {
            return Markup.Empty;
        }

        var layout = GraphLayout.Of(configuration);
        var left = layout.Left == 0 ? Markup.Empty : Markup.Of($"""<p class="dim">{layout.Left} more bindings are not drawn.</p>""");
        return Markup.Of($"""<section><h2>Bindings</h2>{GraphSvg.Draw(layout, ServiceState.ByBinding(published, services))}{left}</section>""");
    }

    private static Markup Service(ServiceState service) => Markup.Of($"""
        <section><h2>{service.Name} <span class="pill {service.Style}">{service.Text}</span></h2>
        <p>{Work(service)}</p>{(service.Instances.Count == 0 ? Markup.Empty : Instances(service))}</section>
        """);

    private static Markup Work(ServiceState service) => Markup.Join(
    [
        .. service.Plan?.Listeners.Select(listener => Markup.Of($"""listens on <code>{listener.Host}:{Ports(listener.Ports)}</code> <span class="dim">{listener.Binding}</span> """)) ?? [],
        .. service.Plan?.CachedClusters.Select(cluster => Markup.Of($"""caches <code>{cluster.Name}</code> """)) ?? [],
        service.HasWork ? Markup.Empty : Markup.Of($"""<span class="dim">nothing to do</span>"""),
    ]);

    private static Markup Instances(ServiceState service) => Markup.Of($"""
        <table><tr><th>instance</th><th>address</th><th>state</th><th>revision applied</th><th>refused</th><th>reason</th><th>since</th></tr>{Markup.Join(service.Instances.Select(Instance))}</table>
        """);

    private static Markup Instance(InstanceStatus instance)
    {
        var style = instance.State switch { InstanceState.Applied => "good", InstanceState.Refused => "bad", InstanceState.Waiting => "wait", _ => "gone" };
        return Markup.Of($"""
            <tr><td>{instance.Instance}</td><td class="place">{instance.Address}</td><td class="{style}">● {instance.State.ToString()}</td><td>{Number(instance.AppliedRevision)}</td><td>{Number(instance.RefusedRevision)}</td><td class="wide">{instance.Reason}</td><td class="place dim">{Time(instance.Since)}</td></tr>
            """);
    }

    private static string Ports(IReadOnlyList<int> ports) =>
        ports.Count <= 8 ? string.Join(", ", ports) : string.Create(CultureInfo.InvariantCulture, $"{ports[0]} … {ports[^1]} ({ports.Count} ports)");

    private static string Number(long? number) => number is { } known ? known.ToString(CultureInfo.InvariantCulture) : "–";

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
