using Zilla.Config;
using Zilla.Config.Bindings;
using Zilla.Config.Validation;

namespace Zilla.Control.Page;

/// <param name="Binding">What stands there; null = nothing, a line passes.</param>
/// <param name="Column">From 0: as many steps as the longest way to it has.</param>
/// <param name="Row">From 0, within the column.</param>
internal sealed record Place(BindingConfig? Binding, int Column, int Row);

/// <summary>Puts the bindings into columns, so that every exit leads to the right and no line runs behind a binding.</summary>
internal sealed class GraphLayout
{
    /// <summary>More are not drawn.</summary>
    public const int Most = 300;

    private GraphLayout(IReadOnlyList<Place> places, IReadOnlyList<IReadOnlyList<Place>> lines, int left)
    {
        (Bindings, Lines, Left) = ([.. places.Where(place => place.Binding is not null)], lines, left);
        Columns = places.Count == 0 ? 0 : places.Max(place => place.Column) + 1;
        Rows = places.Count == 0 ? 0 : places.Max(place => place.Row) + 1;
    }

    public IReadOnlyList<Place> Bindings { get; }

    /// <summary>One an exit: from its binding, through one place in each column between, to the binding it names.</summary>
    public IReadOnlyList<IReadOnlyList<Place>> Lines { get; }

    public int Columns { get; }

    /// <summary>Of the longest column.</summary>
    public int Rows { get; }

    /// <summary>How many bindings are left out.</summary>
    public int Left { get; }

    public static GraphLayout Of(ZillaConfiguration configuration)
    {
        var nodes = configuration.Bindings.Values.Take(Most).ToDictionary(binding => binding.Name, binding => new Node(binding), StringComparer.Ordinal);
        var exits = nodes.Values.SelectMany(node => configuration.Next(node.Binding!).Where(next => nodes.ContainsKey(next.Name)).Select(next => (From: node, To: nodes[next.Name])))
            .Where(exit => exit.From != exit.To).ToList();
        Columnise(exits, nodes.Count);

        var all = nodes.Values.ToList();
        var lines = new List<List<Node>>();
        foreach (var (from, to) in exits)
        {
            var between = Enumerable.Range(from.Column + 1, Math.Max(0, to.Column - from.Column - 1)).Select(column => new Node(null) { Column = column }).ToList();
            all.AddRange(between);
            lines.Add([from, .. between, to]);
        }

        foreach (var line in lines)
        {
            foreach (var (before, after) in line.Zip(line.Skip(1)))
            {
                after.Before.Add(before);
            }
        }

        foreach (var column in all.GroupBy(node => node.Column).OrderBy(group => group.Key))
        {
            // Near what leads to it, so that lines cross less; else in the order of the file.
            foreach (var (row, node) in column.OrderBy(node => node.Before.Select(before => (double)before.Row).DefaultIfEmpty(Most).Average()).ToList().Index())
            {
                node.Row = row;
            }
        }

        return new GraphLayout([.. all.Select(Node.Place)], [.. lines.Select(line => (IReadOnlyList<Place>)[.. line.Select(Node.Place)])], configuration.Bindings.Count - nodes.Count);
    }

    /// <summary>Valid configurations have no circles: a way has fewer steps than there are bindings.</summary>
    private static void Columnise(List<(Node From, Node To)> exits, int most)
    {
        var moved = true;
        for (var step = 0; moved && step < most; step++)
        {
            moved = false;
            foreach (var (from, to) in exits.Where(exit => exit.To.Column <= exit.From.Column))
            {
                to.Column = from.Column + 1;
                moved = true;
            }
        }
    }

    private sealed class Node(BindingConfig? binding)
    {
        public BindingConfig? Binding => binding;

        public List<Node> Before { get; } = [];

        public int Column { get; set; }

        public int Row { get; set; }

        public static Place Place(Node node) => new(node.Binding, node.Column, node.Row);
    }
}
