using Zilla.Config.Bindings;
using Zilla.Config.Validation;

namespace Zilla.Control.Page;

/// <summary>Draws the bindings and where they lead.</summary>
internal static class GraphSvg
{
    private const int Width = 214;
    private const int Height = 62;
    private const int Across = 48;
    private const int Down = 18;
    private const int Margin = 8;
    private const int LongestText = 25;

    /// <param name="layout">Where what stands.</param>
    /// <param name="services">By name of a binding, the service that has it.</param>
    public static Markup Draw(GraphLayout layout, IReadOnlyDictionary<string, ServiceState> services)
    {
        var width = (layout.Columns * (Width + Across)) - Across + (2 * Margin);
        var height = (layout.Rows * (Height + Down)) - Down + (2 * Margin);
        return Markup.Of($"""
            <svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-label="Bindings and their exits">
            <defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z"/></marker></defs>
            {Markup.Join(layout.Lines.Select(Line))}
            {Markup.Join(layout.Bindings.Select(place => Box(place, place.Binding!, services.GetValueOrDefault(place.Binding!.Name))))}
            </svg>
            """);
    }

    private static Markup Line(IReadOnlyList<Place> line)
    {
        var parts = new List<Markup>();
        foreach (var (from, to) in line.Zip(line.Skip(1)))
        {
            var (x1, y1) = (X(from) + Width, Y(from) + (Height / 2));
            var (x2, y2) = (X(to) - (to.Binding is null ? 0 : 2), Y(to) + (Height / 2));
            parts.Add(Markup.Of($"{(from.Binding is null ? "L" : "M")}{x1} {y1}C{x1 + (Across / 2)} {y1} {x2 - (Across / 2)} {y2} {x2} {y2}"));
        }

        return Markup.Of($"""<path class="line" marker-end="url(#tip)" d="{Markup.Join(parts)}"/>""");
    }

    private static Markup Box(Place place, BindingConfig binding, ServiceState? service)
    {
        var (x, y) = (X(place), Y(place));
        var where = service is null ? "" : $"{service.Name} {service.InForce}/{service.Connected}";
        return Markup.Of($"""
            <g class="box {service?.Style ?? "unused"}" transform="translate({x} {y})"><title>{binding.Name}: {binding.TypeAndKind()}{(service is null ? "" : $", on {service.Name}: {service.Text}")}</title>
            <rect width="{Width}" height="{Height}" rx="7"/><rect class="bar" width="5" height="{Height}" rx="2"/>
            <text class="name" x="16" y="22">{Short(binding.Name)}</text><text class="type" x="16" y="39">{Short(Type(binding))}</text><text class="where" x="16" y="54">{Short(where)}</text></g>
            """);
    }

    private static string Type(BindingConfig binding) => binding is TcpServerBinding { Ports: [var first, ..] ports }
        ? $"{binding.TypeAndKind()} :{first}{(ports.Count > 1 ? $" +{ports.Count - 1}" : "")}"
        : binding.TypeAndKind();

    private static string Short(string text) => text.Length <= LongestText ? text : text[..(LongestText - 1)] + "…";

    private static int X(Place place) => Margin + (place.Column * (Width + Across));

    private static int Y(Place place) => Margin + (place.Row * (Height + Down));
}
