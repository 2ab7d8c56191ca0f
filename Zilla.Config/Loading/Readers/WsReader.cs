using Zilla.Config.Bindings;

namespace Zilla.Config.Loading.Readers;

/// <summary>Reference §2.8.</summary>
internal static class WsReader
{
    public static BindingConfig Server(BindingNode node)
    {
        node.Options.NotHere("is for a ws client", "defaults");
        return new WsServerBinding
        {
            Name = node.Name,
            Exit = node.Exit,
            Routes = [.. node.Routes.Select(Route)],
        };
    }

    private static WsRoute Route(RouteNode route)
    {
        route.Body.NotHere("is not for ws", "with");
        return new WsRoute { Exit = route.Exit, Guarded = route.Guarded, When = [.. route.When.Select(Condition)] };
    }

    private static WsCondition Condition(MappingReader when) =>
        new() { Protocol = when.Text("protocol"), Scheme = when.Text("scheme"), Authority = when.Text("authority"), Path = when.Text("path") };
}
