using Zilla.Config.Bindings;

namespace Zilla.Config.Loading.Readers;

/// <summary>Reference §2.7.</summary>
internal static class SseReader
{
    private const string EtagId = "${etag}";
    private const string KeyAndEtagId = "[\"${base64(key)}\",\"${etag}\"]";

    public static BindingConfig Server(BindingNode node)
    {
        node.Options.NotYet("requests");
        foreach (var route in node.Routes)
        {
            route.Body.NotYet("with");
        }

        var defaults = new SseServerBinding { Name = node.Name, Exit = node.Exit };
        return defaults with
        {
            Retry = node.Options.Number("retry", 0, int.MaxValue) is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : defaults.Retry,
            Requests = HttpRequestsReader.ReadEvents(node.Options),
            Routes = [.. node.Routes.Select(route => new SseRoute { Exit = route.Exit, Guarded = route.Guarded, Paths = Paths(route) })],
        };
    }

    public static BindingConfig KafkaProxy(BindingNode node)
    {
        node.Body.NotHere("is not for sse-kafka: each route names its own", "exit");
        return new SseKafkaBinding { Name = node.Name, Routes = [.. node.Routes.Select(KafkaRoute)] };
    }

    private static SseKafkaRoute KafkaRoute(RouteNode route)
    {
        var read = new SseKafkaRoute
        {
            Exit = route.Exit,
            Guarded = route.Guarded,
            Paths = Paths(route),
            Topic = route.With.RequiredText("topic"),
            Filters = KafkaReader.Filters(route.With),
        };
        if (route.With.Mapping("event") is { } @event)
        {
            read = read with { EventIdWithKey = @event.Choice("id", (EtagId, false), (KeyAndEtagId, true)) ?? false };
            @event.Finish();
        }

        return read;
    }

    private static IReadOnlyList<string> Paths(RouteNode route) => [.. route.When.Select(when => when.RequiredText("path"))];
}
