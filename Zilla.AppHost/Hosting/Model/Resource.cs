using System.Text.RegularExpressions;

namespace Zilla.AppHost.Hosting.Model;

/// <summary>A node of the architecture: something that runs, or that something else needs. All that is said about it hangs on it as annotations.</summary>
internal abstract partial class Resource
{
    /// <exception cref="ArgumentException">The name is not lower-case letters, digits and single hyphens, beginning with a letter.</exception>
    protected Resource(string name)
    {
        // The name becomes a DNS-like label in the orchestrator and a part of environment variable names.
        if (!NamePattern().IsMatch(name))
        {
            throw new ArgumentException($"'{name}' cannot name a resource: use lower-case letters, digits and hyphens, beginning with a letter.", nameof(name));
        }

        Name = name;
    }

    public string Name { get; }

    public List<IResourceAnnotation> Annotations { get; } = [];

    public IEnumerable<T> All<T>()
        where T : IResourceAnnotation => Annotations.OfType<T>();

    [GeneratedRegex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]
    private static partial Regex NamePattern();
}
