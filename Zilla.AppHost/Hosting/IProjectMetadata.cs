namespace Zilla.AppHost.Hosting;

/// <summary>What the build knows of a service; implemented by the generated classes in the namespace <c>Projects</c>.</summary>
internal interface IProjectMetadata
{
    /// <summary>Absolute path of the project file.</summary>
    string ProjectPath { get; }

    /// <summary>Absolute path of the assembly the project builds; its executable lies beside it.</summary>
    string AssemblyPath { get; }
}
