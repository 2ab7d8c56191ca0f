using Zilla.Edge.Routing;

namespace Zilla.Benchmarks;

internal static class PathOperations
{
    public static IEnumerable<Operation> All()
    {
        var (literal, wildcard, named) = (PathPattern.Compile("/items"), PathPattern.Compile("/items/*"), PathPattern.Compile("/items/{category}/{id}"));
        yield return new("path: a literal", () => Match(literal, "/items"));
        yield return new("path: a wildcard", () => Match(wildcard, "/items/3f2b8c1e"));
        yield return new("path: two parameters", () => Match(named, "/items/fruit/3f2b8c1e"));
        yield return new("path: no match", () => Match(named, "/orders/3f2b8c1e/lines"));
    }

    private static long Match(PathPattern pattern, string text) => pattern.TryMatch(text, out var parameters) ? parameters.Count : -1;
}
