namespace Zilla.AppHost.Hosting.Model;

/// <summary>A resource under construction, for the fluent <c>With…</c> methods.</summary>
internal interface IResourceBuilder<out T>
    where T : Resource
{
    T Resource { get; }
}

internal sealed record ResourceBuilder<T>(T Resource) : IResourceBuilder<T>
    where T : Resource;
